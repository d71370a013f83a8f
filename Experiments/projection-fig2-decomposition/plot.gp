# The digit and its reconstructions; below, for every layer, its code and the terms of most energy.
set output ARG2 . "." . ARG3
codes = ARG1 . "codes.csv"
pictures(group) = sprintf("%spictures-%d.csv", ARG1, group)
dictionary(layer) = (layer == 1 ? "D_1" : sprintf("D^{(%d)}", layer))
array tops[3]
do for [layer=1:3] {
  stats pictures(layer) using (abs(column("value"))) nooutput
  tops[layer] = STATS_max
}
stats ARG1 . "decomposition.csv" using (column(0) == 0 ? column("error_relative_l2") : NaN) nooutput
set multiplot title sprintf("A digit decomposed through all layers (P Fig. 2); relative error of x̂: %.2f", STATS_mean)
unset key
set palette defined (-1 "#0072B2", 0 "white", 1 "#222222")
# The codes: three panels with one vertical axis.
set tmargin at screen 0.60
set bmargin at screen 0.48
stats codes using (abs(column("value"))) nooutput
largest = STATS_max
set ytics floor(largest) font ",12"
do for [layer=1:3] {
  set xrange [*:*]
  set yrange [*:*]
  stats codes using (column("layer") == layer ? column("dimension") : NaN) nooutput
  set lmargin at screen 0.06 + 0.32 * (layer - 1)
  set rmargin at screen 0.33 + 0.32 * (layer - 1)
  set title sprintf("γ_%d: %d of %d are not zero", layer, STATS_records, STATS_max) offset 0,-0.4
  set xrange [0:STATS_max]
  set xtics STATS_max / 2 font ",12" offset 0,0.3
  set yrange [-1.05 * largest:1.05 * largest]
  set format y (layer == 1 ? "%g" : "")
  plot codes using (column("layer") == layer ? column("index") : NaN):"value" with impulses lt 1 lw 1.5, \
    codes using (column("layer") == layer ? column("index") : NaN):"value" with points lt 1 ps 0.25
}
unset grid
unset tics
set size ratio -1
# One scale for the digit and its reconstructions; the terms of each layer have their own.
set cbrange [-1:1]
set cbtics 1
set tmargin at screen 0.87
set bmargin at screen 0.69
set lmargin at screen 0.22
set rmargin at screen 0.99
unset border
array names[4] = ["digit", "x̂ = D_1γ_1", "x̂ = D^{(2)}γ_2", "x̂ = D^{(3)}γ_3"]
do for [i=1:4] { set label i names[i] at (i - 1) * 29 + 13.5, -4 center font ",14" }
unset title
set xrange [-0.5:114.5]
set yrange [27.5:-0.5]
plot pictures(0) using "column":"row":"value" with image pixels
do for [i=1:4] { unset label i }
set tmargin at screen 0.38
set bmargin at screen 0.04
unset colorbox
set border 31 lc rgb "#999999" lw 1
set yrange [114.5:-0.5]
do for [i=1:3] {
  set arrow from i * 29 - 1, graph 0 to i * 29 - 1, graph 1 nohead lc rgb "#999999" lw 1 front
  set arrow from graph 0, first i * 29 - 1 to graph 1, first i * 29 - 1 nohead lc rgb "#999999" lw 1 front
}
do for [layer=1:3] {
  set lmargin at screen 0.08 + 0.32 * (layer - 1)
  set rmargin at screen 0.33 + 0.32 * (layer - 1)
  set cbrange [-tops[layer]:tops[layer]]
  set title sprintf("%sγ_%d: terms of most energy (to ±%.2f)", dictionary(layer), layer, tops[layer]) offset 0,-0.4 font ",14"
  plot pictures(layer) using "column":"row":"value" with image pixels
}
unset multiplot
