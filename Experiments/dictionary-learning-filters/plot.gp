# What learning does epoch by epoch, and how the atoms compare with dots; then mosaics of the atoms of
# D1, D(2), D(3) of the sparse model, in the order of the model.
set output ARG2 . "." . ARG3
learning = ARG1 . "learning.csv"
layers = ARG1 . "layers.csv"
shapes = ARG1 . "shapes.csv"
pick(f) = (stringcolumn("filters") eq f ? column("epoch") : NaN)
# How many filters the sparse model has, and how many of them have one non-zero.
array filters[3]
array single[3]
note(unused) = (stringcolumn("filters") ne "sparse" ? 0 : (filters[int(column("layer"))] = int(column("filter_count")), \
  single[int(column("layer"))] = int(column("filters_with_one_nonzero")), 0))
stats layers using (column("layer") > 0 ? note(0) : NaN) nooutput
stats shapes using "atom" nooutput
atoms = int(STATS_records)
stats learning using "epoch" nooutput
set multiplot layout 2,2 columnsfirst margins 0.1,0.985,0.125,0.885 spacing 0.09,0.175 \
  title "Dictionaries learned from MNIST digits (D; S)"
set xrange [0.5:STATS_max + 0.5]
if (STATS_max <= 15) { set xtics 1 }
set yrange [0:*]
set key bottom right font ",13"
set xlabel "epoch"
set ylabel "relative squared error"
set title "loss"
plot learning using (pick("sparse")):"relative_squared_error" with linespoints lt 1 title "sparse D_2, D_3", \
  learning using (pick("dense")):"relative_squared_error" with linespoints lt 2 title "dense filters"
set ylabel "share of non-zeros (%)"
set title "non-zeros of the sparse filters"
set key at graph 0.98,0.68 right center font ",12"
named(layer) = sprintf("D_%d (%d of %d filters: one)", layer, single[layer], filters[layer])
plot learning using (pick("sparse")):(100 - 100*column("zero_share_d2")) with linespoints lt 1 title named(2), \
  learning using (pick("sparse")):(100 - 100*column("zero_share_d3")) with linespoints lt 3 title named(3)
set ylabel "share of non-zeros (%)"
set title "non-zeros of the codes"
set yrange [0:105]
set key at graph 0.98,0.7 right center
plot learning using (pick("sparse")):(100*column("density_gamma1")) with linespoints lt 1 title "γ_1, sparse filters", \
  learning using (pick("sparse")):(100*column("density_gamma2")) with linespoints lt 3 title "γ_2, sparse filters", \
  learning using (pick("dense")):(100*column("density_gamma1")) with linespoints lt 2 title "γ_1, dense filters", \
  learning using (pick("dense")):(100*column("density_gamma2")) with linespoints lt 5 pt 4 ps 1.6 title "γ_2, dense filters"
set key at graph 0.03,0.95 left top
set xrange [0:1]
set xtics autofreq
set xlabel "largest |cosine| with a test digit"
set ylabel "share of atoms below (%)"
set title "atoms of D^{(3)}, sparse, and dots at their centres"
plot shapes using "likeness_learned":(100.0 / atoms) smooth cumulative with lines lt 1 title "atoms", \
  shapes using "likeness_dot":(100.0 / atoms) smooth cumulative with lines lt 8 dt 2 title "dots"
unset multiplot
set output ARG2 . "-atoms." . ARG3
unset key
unset grid
unset tics
unset xlabel
unset ylabel
set border 31 lw 0.8 lc rgb "#BBBBBB"
set palette defined (-1 "#0072B2", 0 "white", 1 "#222222")
set cbrange [-1:1]
# The sides of the atoms, one pixel apart in a mosaic: kernels of 6 and 6 at stride 2, then 4.
array sides[3] = [6, 16, 28]
array lefts[3] = [0.025, 0.025, 0.34]
array rights[3] = [0.33, 0.33, 0.92]
array tops[3] = [0.88, 0.45, 0.88]
array heights[3] = [0.36, 0.36, 0.79]
set multiplot title "Atoms learned from MNIST digits, each scaled to its largest pixel (D; S)"
do for [layer=1:3] {
  file = sprintf("%satoms-%d.csv", ARG1, layer)
  set xrange [*:*]
  set yrange [*:*]
  stats file using "column" nooutput
  width = int(STATS_max) + 1
  stats file using "row" nooutput
  height = int(STATS_max) + 1
  step = sides[layer] + 1
  unset arrow
  do for [line=1:(width + 1) / step - 1] {
    set arrow from first line * step - 1,graph 0 to first line * step - 1,graph 1 nohead front lw 0.8 lc rgb "#DDDDDD"
  }
  do for [line=1:(height + 1) / step - 1] {
    set arrow from graph 0,first line * step - 1 to graph 1,first line * step - 1 nohead front lw 0.8 lc rgb "#DDDDDD"
  }
  set lmargin at screen lefts[layer]
  set rmargin at screen rights[layer]
  set tmargin at screen tops[layer]
  set bmargin at screen tops[layer] - heights[layer]
  set size ratio -1
  set xrange [-0.5:width - 0.5]
  set yrange [height - 0.5:-0.5]
  # A mosaic with fewer places than the layer has filters shows the first of them.
  places = ((width + 1) / step) * ((height + 1) / step)
  set title sprintf("%s, %d×%d: %s", layer == 1 ? "D_1" : sprintf("D^{(%d)}", layer), sides[layer], sides[layer], \
    places < filters[layer] ? sprintf("first %d of %d atoms", places, filters[layer]) : sprintf("%d atoms", filters[layer]))
  unset colorbox
  if (layer == 3) { set colorbox vertical user origin 0.94,0.3 size 0.012,0.4; set cbtics 0.5 font ",12" textcolor rgb "black" }
  plot file using "column":"row":"value" with image pixels
}
unset multiplot
