# P Fig. 3 as curves with 95 % intervals, then as P's maps: layered pursuit on the left, projection on
# the right, errors at the top, supports at the bottom. Panels of one row share their axis.
data = ARG1 . "recovery.csv"
array methods[2] = ["layered", "projection"]
array titles[2] = ["layered pursuit", "projection (Algorithm 1)"]
array values[2] = ["error_relative_l2", "support_intersection"]
array lowers[2] = ["error_lower", "support_lower"]
array uppers[2] = ["error_upper", "support_upper"]
array labels[2] = ["relative ℓ_2 error", "support intersection"]
stats data using "k" nooutput
least = int(STATS_min)
most = int(STATS_max)
# Which k were run, so that the maps tell "not run" from a value.
array run[most]
do for [k=1:most] { run[k] = 0 }
note(k) = (k >= 1 ? (run[int(k)] = 1, 0) : 0)
stats data using (note(column("k"))) nooutput
stats data using "error_relative_l2" nooutput
largest = STATS_max
# An interval may run out of its panel.
array tops[2] = [1.15 * (largest > 1 ? largest : 1), 1.05]
# Rows of other curves are left out of a line, they do not break it.
set datafile missing NaN
of(m, l) = stringcolumn("method") eq methods[m] && column("layer") == l
at(m, l) = (of(m, l) ? column("k") + 0.14 * (l - 2) : NaN)
spanned(m, l, q) = (strcol(lowers[q]) eq "" ? NaN : at(m, l))
set output ARG2 . "." . ARG3
set multiplot layout 2,2 columnsfirst margins 0.09,0.985,0.125,0.835 spacing 0.07,0.11 \
  title "Recovery of the codes of digits (P Fig. 3): means over digits and 95 % intervals"
set xrange [least - 0.5:most + 0.5]
if (most <= 20) { set xtics 1 }
set key at screen 0.53,0.945 center top vertical maxrows 1
do for [m=1:2] {
  do for [q=1:2] {
    set title (q == 1 ? titles[m] : "")
    set xlabel (q == 2 ? "k, cardinality of γ_3" : "")
    set ylabel (m == 1 ? labels[q] : "")
    set yrange [0:tops[q]]
    if (q == 1) {
      set arrow 1 from graph 0,first 1 to graph 1,first 1 nohead lc rgb "black" lw 1.5 dt 3
      if (m == 2) { set label 1 "error of the answer zero" at graph 0.03,first 1 left offset 0,0.6 font ",12" }
    }
    plot for [l=1:3] data using (at(m, l)):values[q] smooth unique with linespoints lt l ps 0.8 title sprintf("γ_%d", l), \
      for [l=1:3] data using (spanned(m, l, q)):values[q]:lowers[q]:uppers[q] with yerrorbars lt l ps 0.8 lw 1.5 notitle
    unset key
    unset arrow 1
    unset label 1
  }
}
unset multiplot
set output ARG2 . "-maps." . ARG3
set multiplot title "Recovery of the codes of digits as maps (P Fig. 3): means over digits"
unset grid
unset ylabel
unset xlabel
set xrange [0.5:3.5]
set yrange [most + 0.5:least - 0.5]
set xtics ("γ_1" 1, "γ_2" 2, "γ_3" 3) scale 0
set ytics 1 scale 0
set style fill solid
array colours[2]
colours[1] = "defined (0 '#FFF3D6', 0.5 '#E69F00', 1 '#8C3B00')"
colours[2] = "defined (0 '#E4F1F8', 0.5 '#56B4E9', 1 '#00436B')"
array scales[2] = [largest > 1 ? largest : 1, 1]
# Figures on dark cells are white.
ink(v, q) = (v > 0.6 * scales[q] ? 0xFFFFFF : 0x222222)
shown(m, q) = (stringcolumn("method") eq methods[m] ? column("layer") : NaN)
set object 1 rectangle from graph 0,0 to graph 1,1 behind fc rgb "#CCCCCC" fs pattern 4 noborder
missing = 0
do for [k=least:most] { if (!run[k]) { missing = 1 } }
if (missing) { set label 2 "hatched: k not run" at screen 0.075,0.03 left font ",12" }
do for [m=1:2] {
  set lmargin at screen (m == 1 ? 0.075 : 0.51)
  set rmargin at screen (m == 1 ? 0.445 : 0.88)
  do for [q=1:2] {
    set tmargin at screen (q == 1 ? 0.875 : 0.455)
    set bmargin at screen (q == 1 ? 0.545 : 0.125)
    eval "set palette " . colours[q]
    set cbrange [0:scales[q]]
    if (m == 2) {
      set colorbox user origin 0.9,(q == 1 ? 0.545 : 0.125) size 0.02,0.33
      set cblabel labels[q]
    } else {
      unset colorbox
    }
    set title (q == 1 ? titles[m] : "")
    set ylabel (m == 1 ? "k, cardinality of γ_3" : "")
    plot data using (shown(m, q)):"k":(0.5):(0.5):values[q] with boxxyerror lc palette notitle, \
      data using (shown(m, q)):"k":(sprintf("%.2f", column(values[q]))):(ink(column(values[q]), q)) \
        with labels font ",12" tc rgb variable notitle
    unset label 2
  }
}
unset multiplot
