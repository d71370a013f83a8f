# A column a layer: the reconstruction above the terms of largest energy that make it, all panels of
# one size. Numbers in the titles are those of the digit shown, the table's first row.
set output ARG2 . "." . ARG3
digits = ARG1 . "decomposition.csv"
array nonzeros[3]
seen = 0
look(unused) = (seen || !(column("pixels") > 0)) ? 0 : (seen = 1, nonzeros[1] = column("gamma1_nonzeros"), nonzeros[2] = column("gamma2_nonzeros"), \
  nonzeros[3] = column("gamma3_nonzeros"), class = column("label"), error = column("error_relative_l2"), \
  pixels = column("pixels"), disagreement = column("largest_disagreement"), 0)
stats digits using (look(0)) nooutput
grouped(x) = counted(int(x))
counted(n) = (n < 1000 ? sprintf("%d", n) : sprintf("%d,%03d", n / 1000, n % 1000))
array names[3] = ["D_1γ_1", "D^{(2)}γ_2", "D^{(3)}γ_3"]
unset key
unset grid
unset tics
set border 31 lw 0.8 lc rgb "#BBBBBB"
set palette defined (-1 "#0072B2", 0 "white", 1 "#222222")
unset colorbox
# The terms add up to x̂, so that one scale serves all panels.
set cbrange [-1:1]
# Pictures are 28 pixels wide and stand one pixel apart.
tile = 29
left(column) = 0.02 + 0.245 * (column - 1)
set multiplot title sprintf("A digit decomposed through all layers (P Fig. 2): one x̂, %s pixels", grouped(pixels))
set bmargin at screen 0.50
set tmargin at screen 0.8375
do for [column=1:4] {
  set lmargin at screen left(column)
  set rmargin at screen left(column) + 0.225
  set title (column == 1 ? sprintf("the digit, a %d", int(class)) : \
    sprintf("x̂ = %s\nγ_%d: %s non-zeros", names[column - 1], column - 1, grouped(nonzeros[column - 1])))
  set xrange [tile * (column - 1) - 0.5:tile * (column - 1) + 27.5]
  set yrange [27.5:-0.5]
  plot ARG1 . "pictures-0.csv" using "column":"row":"value" with image pixels
}
set bmargin at screen 0.075
set tmargin at screen 0.4125
set xrange [-0.5:4 * tile - 1.5]
set yrange [4 * tile - 1.5:-0.5]
do for [line=1:3] {
  set arrow line from first tile * line - 1,graph 0 to first tile * line - 1,graph 1 nohead front lw 0.8 lc rgb "#DDDDDD"
  set arrow line + 3 from graph 0,first tile * line - 1 to graph 1,first tile * line - 1 nohead front lw 0.8 lc rgb "#DDDDDD"
}
do for [layer=1:3] {
  set lmargin at screen left(layer + 1)
  set rmargin at screen left(layer + 1) + 0.225
  set title sprintf("largest terms of %s", names[layer])
  plot sprintf("%spictures-%d.csv", ARG1, layer) using "column":"row":"value" with image pixels
}
# The scale, and what the pictures do not show.
unset arrow
unset title
unset border
set lmargin at screen left(1)
set rmargin at screen left(1) + 0.225
set xrange [0:1]
set yrange [0:1]
set label 1 sprintf("‖x − x̂‖ / ‖x‖ = %.2f", error) at graph 0,0.92 font ",13"
set label 2 sprintf("largest difference between\ntwo layers' x̂: %.0e", disagreement) at graph 0,0.75 font ",13"
set colorbox horizontal user origin left(1) + 0.005,0.18 size 0.215,0.025
set cbtics 0.5 font ",12" textcolor rgb "black"
set cblabel "pixels of all panels\n(beyond ±1 as ±1)" font ",12" offset 0,0.6
plot "+" using (-1):(-1):(0) every ::::0 with points lc palette
unset multiplot
