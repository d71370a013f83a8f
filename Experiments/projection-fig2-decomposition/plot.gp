# The digit, its reconstructions, and the terms of largest energy of every layer.
set output ARG2 . "." . ARG3
set multiplot layout 2,2 title "A digit decomposed through all layers (P Fig. 2)"
unset key
unset grid
unset tics
unset border
set size ratio -1
set yrange [*:*] reverse
set palette defined (-1 "#0072B2", 0 "white", 1 "#222222")
set cbrange [-1:1]
unset colorbox
array titles[4] = ["digit, D_1γ_1, D^{(2)}γ_2, D^{(3)}γ_3", "largest terms of D_1γ_1", "largest terms of D^{(2)}γ_2", "largest terms of D^{(3)}γ_3"]
do for [group=0:3] {
  set title titles[group + 1]
  if (group > 0) { set cbrange [-0.6:0.6] }
  plot sprintf("%spictures-%d.csv", ARG1, group) using "column":"row":"value" with image pixels
}
unset multiplot
