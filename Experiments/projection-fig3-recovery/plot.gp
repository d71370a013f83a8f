# Maps as in P Fig. 3 (rows: k, columns: layer), and the same numbers as curves with error bars.
data = ARG1 . "recovery.csv"
pick(m, l) = (stringcolumn("method") eq m && column("layer") == l ? column("k") + 0.12 * (l - 2) : NaN)
# Rows of other curves are left out of a line, they do not break it.
set datafile missing NaN
set output ARG2 . "." . ARG3
set multiplot layout 2,2 title "Recovery of the codes of digits (P Fig. 3; mean ± standard error over digits)"
set xlabel "k, cardinality of γ_3"
stats data using "k" nooutput
set xrange [STATS_min - 0.5:STATS_max + 0.5]
if (STATS_max <= 20) { set xtics 1 }
do for [quantity in "error_relative_l2 support_intersection"] {
  spread = (quantity eq "error_relative_l2" ? "error_standard_error" : "support_standard_error")
  do for [m in "projection layered"] {
    set title (m eq "projection" ? "projection (Algorithm 1)" : "layered pursuit")
    set ylabel (quantity eq "error_relative_l2" ? "relative ℓ_2 error" : "support intersection")
    if (quantity eq "error_relative_l2") { set yrange [0:*] } else { set yrange [0:1.05] }
    if (quantity eq "error_relative_l2" && m eq "projection") { set key top left } else { unset key }
    plot for [l=1:3] data using (pick(m, l)):(column(quantity)) smooth unique with linespoints lt l ps 0.7 title sprintf("γ_%d", l), \
      for [l=1:3] data using (pick(m, l)):(column(quantity)):(column(spread)) with yerrorbars lt l ps 0.7 notitle
  }
}
unset multiplot
set output ARG2 . "-maps." . ARG3
unset key
unset grid
set xrange [*:*]
set yrange [*:*] reverse
set xlabel "layer"
set ylabel "k, cardinality of γ_3"
set xtics 1,1,3
set palette defined (0 "#FFFFFF", 0.5 "#56B4E9", 1 "#0072B2")
set style fill solid
set multiplot layout 2,2 title "Recovery of the codes of digits as maps (P Fig. 3)"
do for [quantity in "error_relative_l2 support_intersection"] {
  do for [m in "projection layered"] {
    set cbrange [0:(quantity eq "error_relative_l2" ? 1.5 : 1)]
    set title sprintf("%s: %s", (m eq "projection" ? "projection" : "layered"), (quantity eq "error_relative_l2" ? "relative ℓ_2 error" : "support intersection"))
    plot data using (stringcolumn("method") eq m ? column("layer") : NaN):"k":(0.45):(0.45):(column(quantity)) with boxxyerror lc palette
  }
}
unset multiplot
