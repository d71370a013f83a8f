# Loss and sparsity against epochs; the most used atoms of D1, D(2), D(3) of the sparse model.
set output ARG2 . "." . ARG3
learning = ARG1 . "learning.csv"
pick(f) = (stringcolumn("filters") eq f ? column("epoch") : NaN)
set multiplot title "Dictionaries learned from MNIST digits (D; S)"
set tmargin at screen 0.88
set bmargin at screen 0.66
set xlabel "epoch" offset 0,0.5
set xrange [0:*]
set key font ",12" spacing 1 samplen 1.5
set lmargin at screen 0.07
set rmargin at screen 0.31
set yrange [0:*]
set ytics 0.1
set title "relative squared error"
set key bottom left
plot learning using (pick("sparse")):"relative_squared_error" with linespoints lt 1 title "sparse D_2 and D_3", \
  learning using (pick("dense")):"relative_squared_error" with linespoints lt 2 title "dense filters"
set lmargin at screen 0.39
set rmargin at screen 0.63
set yrange [0:100]
set ytics 25
set title "zeros of the sparse filters (%)"
set key bottom right
plot learning using (pick("sparse")):(100*column("zero_share_d2")) with linespoints lt 1 title "D_2", \
  learning using (pick("sparse")):(100*column("zero_share_d3")) with linespoints lt 3 title "D_3"
# With dense filters every coefficient of the codes is used: a line at 100 %.
set lmargin at screen 0.71
set rmargin at screen 0.95
set yrange [0:105]
set title "non-zeros of the codes (%)"
set key at graph 0.98, 0.93 top right
plot learning using (pick("dense")):(100*column("density_gamma1")) with linespoints lt 2 title "dense filters", \
  learning using (pick("dense")):(100*column("density_gamma2")) with lines lt 2 notitle, \
  learning using (pick("sparse")):(100*column("density_gamma1")) with linespoints lt 1 title "γ_1, sparse", \
  learning using (pick("sparse")):(100*column("density_gamma2")) with linespoints lt 3 title "γ_2, sparse"
unset key
unset grid
unset tics
unset xlabel
set palette defined (-1 "#0072B2", 0 "white", 1 "#222222")
set cbrange [-1:1]
unset colorbox
set border lc rgb "#999999" lw 1
set tmargin at screen 0.51
set bmargin at screen 0.04
# The side of a filter and of an effective atom, in pixels.
sides = "6 16 28"
do for [layer=1:3] {
  atoms = sprintf("%satoms-%d.csv", ARG1, layer)
  set xrange [*:*]
  set yrange [*:*]
  stats atoms using "column" nooutput
  last = STATS_max
  stats atoms using "row" nooutput
  step = word(sides, layer) + 1.0
  unset arrow
  do for [i=1:int((last + 1) / step)] {
    set arrow from i * step - 1, graph 0 to i * step - 1, graph 1 nohead lc rgb "#999999" lw 1 front
  }
  do for [i=1:int((STATS_max + 1) / step)] {
    set arrow from graph 0, first i * step - 1 to graph 1, first i * step - 1 nohead lc rgb "#999999" lw 1 front
  }
  set lmargin at screen 0.02 + 0.325 * (layer - 1)
  set rmargin at screen 0.33 + 0.325 * (layer - 1)
  set size ratio -1
  set xrange [-0.5:last + 0.5]
  set yrange [STATS_max + 0.5:-0.5]
  set title sprintf("%s (%g×%g), most used first", (layer == 1 ? "D_1" : sprintf("D^{(%d)}", layer)), step - 1, step - 1)
  plot atoms using "column":"row":"value" with image pixels
}
unset multiplot
