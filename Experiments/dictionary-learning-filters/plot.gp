# Loss and sparsity against epochs; the most used atoms of D1, D(2), D(3) of the sparse model; then use,
# coherence and likeness of every filter.
set output ARG2 . "." . ARG3
learning = ARG1 . "learning.csv"
results = ARG1 . "test.csv"
pick(f) = (stringcolumn("filters") eq f ? column("epoch") : NaN)
set multiplot title "Dictionaries learned from MNIST digits (D; S)"
set tmargin at screen 0.89
set bmargin at screen 0.70
set xlabel "epoch" offset 0,0.5
set xrange [0:*]
set key font ",12" spacing 1.2 samplen 1.5
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
set yrange [1:2000]
set logscale y
set ytics ("1" 1, "10" 10, "100" 100, "1,000" 1000)
set title "mean non-zeros of a filter"
set key bottom left
plot learning using (pick("sparse")):"mean_nonzeros_d2" with linespoints lt 1 title "D_2", \
  learning using (pick("sparse")):"mean_nonzeros_d3" with linespoints lt 3 title "D_3"
# Non-zeros of the codes of a test digit, beside its pixels.
set lmargin at screen 0.71
set rmargin at screen 0.95
set yrange [1:10000]
set ytics ("1" 1, "10" 10, "100" 100, "1,000" 1000, "10,000" 10000)
set xrange [0.5:3.5]
set xtics ("γ_1" 1, "γ_2" 2, "γ_3" 3)
set xlabel ""
set title "mean non-zeros of a code"
stats results using "pixels" nooutput
set arrow 1 from 0.5,STATS_max to 3.5,STATS_max nohead lc rgb "black" lw 1.5 dt 3
set label 1 "pixels of a digit" at 3.45,STATS_max right offset 0,0.6 font ",12"
set key bottom left
array name[3] = ["nonzeros_gamma1", "nonzeros_gamma2", "nonzeros_gamma3"]
row(f) = (stringcolumn("filters") eq f ? 1 : NaN)
plot for [l=1:3] results using (row("sparse") * l):name[l] with points lt 1 pt 7 ps 1.4 title (l == 1 ? "sparse D_2 and D_3" : ""), \
  for [l=1:3] results using (row("dense") * l):name[l] with points lt 2 pt 6 ps 1.6 title (l == 1 ? "dense filters" : "")
unset arrow 1
unset label 1
unset logscale y
unset key
unset grid
unset tics
unset ylabel
set palette defined (-1 "#0072B2", 0 "white", 1 "#222222")
set cbrange [-1:1]
unset colorbox
set border lc rgb "#999999" lw 1
set tmargin at screen 0.56
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
set output ARG2 . "-statistics." . ARG3
filters = ARG1 . "filters.csv"
shapes = ARG1 . "shapes.csv"
unset arrow
set border lc rgb "black"
set grid
set tics
set size noratio
at(l) = (stringcolumn("filters") eq "sparse" && column("layer") == l ? column("rank") : NaN)
set multiplot layout 2,2 margins 0.08,0.97,0.14,0.87 spacing 0.11,0.16 \
  title "Filters of the sparse model: use, coherence, and what atoms resemble"
set xrange [0.9:*]
set logscale x
set xtics (1, 3, 10, 30, 100, 300, 1000)
set xlabel "filter, most used first" offset 0,0.5
set ylabel "% of the layer's non-zeros"
set yrange [0:*]
set ytics autofreq
set title "use"
set key top right font ",12" spacing 1.4
plot for [l=1:3] filters using (at(l)):"use_percent" with linespoints lt l ps 0.5 title (l == 1 ? "D_1" : sprintf("D^{(%d)}", l))
set title "effective entries of a filter, 1/Σd⁴"
set ylabel "entries"
plot for [l=2:3] filters using (at(l)):"effective_nonzeros" with points lt l ps 0.5 title sprintf("D_%d", l)
set title "coherence with the nearest twin"
set ylabel "|cosine|"
set yrange [0:1]
set arrow 1 from graph 0,first 0.95 to graph 1,first 0.95 nohead lc rgb "black" lw 1.5 dt 3
set key bottom left spacing 1.4
plot for [l=1:3] filters using (at(l)):"twin_coherence" with linespoints lt l ps 0.5 title (l == 1 ? "D_1" : sprintf("D^{(%d)}", l))
unset arrow 1
unset logscale x
set xrange [0:1]
set xtics 0.2
set yrange [0:1]
set xlabel "largest |cosine| with a dot" offset 0,0.5
set ylabel "with a stroke or a digit’s part"
set title "atoms of D^{(3)}: above the line no dots"
set key top left
likest(a) = (stringcolumn("atoms") eq a ? (column("cosine_part") > column("cosine_stroke") ? column("cosine_part") : column("cosine_stroke")) : NaN)
plot shapes using "cosine_dot":(likest("before")) with points lt 8 ps 0.6 title "before learning", \
  shapes using "cosine_dot":(likest("learned")) with points lt 1 ps 0.6 title "learned", \
  x with lines lt 7 lw 1.5 notitle
unset multiplot
