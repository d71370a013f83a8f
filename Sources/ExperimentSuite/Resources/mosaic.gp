# Panels of small pictures, each scaled to its largest magnitude: negative blue, positive black.
set output ARG2 . "." . ARG3
load ARG1 . "layout.gp"
lines = (|titles| + columns - 1) / columns
unset key
unset grid
unset tics
set palette defined (-1 "#0072B2", 0 "white", 1 "#222222")
set cbrange [-1:1]
unset colorbox
set border lc rgb "#999999" lw 1
set size ratio -1
set multiplot layout lines, columns margins 0.02, 0.98, 0.04, 0.94 spacing 0.02, 0.08
do for [i=1:|titles|] {
  panel = sprintf("%spanel-%d.csv", ARG1, i)
  height = rows[i]
  width = pixels[i]
  unset arrow
  do for [k=1:int((width + 1) / (widths[i] + 1.0)) - 1] {
    x = k * (widths[i] + 1.0) - 1
    set arrow from x, graph 0 to x, graph 1 nohead lc rgb "#999999" lw 1 front
  }
  do for [k=1:int((height + 1) / (heights[i] + 1.0)) - 1] {
    y = k * (heights[i] + 1.0) - 1
    set arrow from graph 0, first y to graph 1, first y nohead lc rgb "#999999" lw 1 front
  }
  set xrange [-0.5:width - 0.5]
  set yrange [height - 0.5:-0.5]
  set title titles[i]
  plot panel matrix with image pixels
}
unset multiplot
