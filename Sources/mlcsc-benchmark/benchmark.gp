# How many times as long the others take: gnuplot -c benchmark.gp FILE.csv FIGURE.svg|FIGURE.png
set encoding utf8
set datafile separator comma
set datafile missing ""
if (ARG2[strlen(ARG2)-3:] eq ".png") {
  set terminal pngcairo size 1400,1000 font "DejaVu Sans,14" background "white"
} else {
  set terminal svg size 1400,1000 font "DejaVu Sans,14" background "white" dynamic
}
set output ARG2
# Says that the first line has the columns' names.
set key autotitle columnheader
set logscale x
set grid x lc rgb "#DDDDDD" lw 1 lt 1
set border 1 lc rgb "#444444"
set tics nomirror
unset ytics
set lmargin 66
set bmargin 6
set xtics (0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)
set xlabel "time over that of mlcsc (logarithmic)"
set key outside bottom center horizontal
set style fill solid 0.8 noborder
# Rows of mlcsc itself are passed over; each other row has a line of its own.
stats ARG1 using (strcol("contender") eq "mlcsc" ? NaN : column("times_mlcsc")) name "RATIO" nooutput
least = RATIO_min < 0.8 ? RATIO_min / 1.3 : 0.8
set xrange [least:RATIO_max * 1.3]
set yrange [-RATIO_records - 0.6:-0.4]
set arrow 1 from 1, graph 0 to 1, graph 1 nohead front lw 2 lc rgb "#444444"
place(contender) = contender eq "mlcsc" ? NaN : (line = line - 1)
low(ratio) = ratio < 1 ? ratio : 1
high(ratio) = ratio < 1 ? 1 : ratio
plot (line = 0, ARG1) using (1):(y = place(strcol("contender"))):(low(column("times_mlcsc"))):\
    (high(column("times_mlcsc"))):(y - 0.35):(y + 0.35)\
    with boxxyerror lc rgb "#0072B2" title "measured", \
  (line = 0, ARG1) using "goal":(place(strcol("contender")))\
    with points pt 2 ps 1.2 lw 2.5 lc rgb "#D55E00" title "goal", \
  (line = 0, ARG1) using (least):(place(strcol("contender"))):\
    (sprintf("%s: %s, %s", stringcolumn("part"), stringcolumn("problem"), stringcolumn("contender")))\
    with labels right offset -1, 0 noenhanced notitle
