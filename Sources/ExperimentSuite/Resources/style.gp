# The common look of all figures. `format` is svg or png, `scale` what the figure was measured on;
# `stored` is the folder of tables that are shown beside, `stored_scale` what those were measured on.
set encoding utf8
set datafile separator comma
set datafile missing ""
# What is shown beside gets room of its own.
across = (stored eq "" ? 1200 : 1600)
if (format eq "png") {
  set terminal pngcairo size across,800 font "DejaVu Sans,15" enhanced background "white"
} else {
  set terminal svg size across,800 font "DejaVu Sans,15" enhanced background "white" dynamic
}
# Okabe and Ito's palette: distinct for all kinds of colour vision.
set linetype 1 lc rgb "#0072B2" lw 2.2 pt 7 ps 0.8
set linetype 2 lc rgb "#D55E00" lw 2.2 pt 5 ps 0.8
set linetype 3 lc rgb "#009E73" lw 2.2 pt 9 ps 0.9
set linetype 4 lc rgb "#CC79A7" lw 2.2 pt 11 ps 0.9
set linetype 5 lc rgb "#E69F00" lw 2.2 pt 13 ps 1.0
set linetype 6 lc rgb "#56B4E9" lw 2.2 pt 4 ps 0.9
set linetype 7 lc rgb "#000000" lw 2.2 pt 6 ps 0.9
set linetype 8 lc rgb "#777777" lw 2.2 pt 8 ps 0.9
set linetype cycle 8
set border lw 1.2 lc rgb "#444444"
set grid lc rgb "#DDDDDD" lw 1 lt 1
set tics nomirror
set key box lc rgb "#CCCCCC" opaque samplen 2 spacing 1.15
# Every figure states its scale at its foot; a multiplot draws the label once a panel, in one place.
set label 99 scale at screen 0.995, screen 0.014 right font ",10" tc rgb "#777777" noenhanced
if (stored ne "") {
  set label 98 "right: " . stored_scale at screen 0.005, screen 0.014 left font ",10" tc rgb "#777777" noenhanced
}
