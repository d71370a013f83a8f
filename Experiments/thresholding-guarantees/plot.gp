# Supports and errors of layered thresholding, of layered basis pursuit, and the bias of ML-ISTA.
set output ARG2 . "." . ARG3
set datafile missing NaN
thresholding = ARG1 . "thresholding.csv"
pursuit = ARG1 . "basis-pursuit.csv"
bias = ARG1 . "ml-ista.csv"
array names[3] = ["line", "plane", "hadamard"]
set multiplot layout 2,3 title "S's guarantees: layered thresholding, layered basis pursuit, ML-ISTA" font ",17"
set bmargin 4.5
set tmargin 2.5
set title font ",13"
set xlabel font ",13"
set ylabel font ",13"
set key font ",11" samplen 1.5
set lmargin 9
set rmargin 2
noise(f, l) = (stringcolumn("family") eq f && column("layer") == l && column("noise_over_edge") > 0 ? column("noise_over_edge") : NaN)
# Mean ± 95 %.
bar(s) = 1.96 * column(s)
set logscale x
set xrange [0.08:12]
set xlabel "ε_0 over the largest admitted"
set yrange [0:1.08]
set ytics 0,0.2,1
set arrow 1 from first 1, graph 0 to first 1, graph 1 nohead lc rgb "#777777" lw 2 dt 3
do for [layer=1:2] {
  set ylabel (layer == 1 ? "share of draws" : "")
  if (layer == 1) { set key bottom left } else { unset key }
  set title sprintf("Thresholding: exact support of γ_%d", layer)
  plot for [i=1:3] thresholding using (noise(names[i], layer)):"support_share":"support_share_lower":"support_share_upper" with yerrorlines lt i title names[i]
}
set ylabel "largest local error/bound"
set title "Thresholding: error over bound"
set key bottom right
plot for [i=1:3] thresholding using (noise(names[i], 1)):"error_over_bound_largest" with linespoints lt i notitle, \
  for [i=1:3] thresholding using (noise(names[i], 2)):"error_over_bound_largest" with linespoints lt i dt 2 notitle, \
  NaN with lines lt 8 title "γ_1", NaN with lines lt 8 dt 2 title "γ_2"
set ylabel "local error of γ_2"
set yrange [0:1.2]
set title "Thresholding: error and bound (plane)"
plot thresholding using (noise("plane", 2)):"bound" with linespoints lt 1 dt 2 title "bound, mean", \
  thresholding using (noise("plane", 2)):"error_local":(bar("standard_error")) with yerrorlines lt 3 title "error, premise met", \
  thresholding using (noise("plane", 2)):"error_outside_premise":(bar("standard_error_outside")) with yerrorlines lt 2 title "error, not met"
set xrange [0.25:20]
set xlabel "stripe norm of γ_1 over ⅓(1 + 1/µ)"
set ylabel "share; ratio"
set yrange [0:1.08]
set key bottom left
set title "Basis pursuit: γ_1 within true support"
crowded(f) = (stringcolumn("family") eq f && column("layer") == 1 && column("draws") >= 50 ? column("stripe_over_limit") : NaN)
plot for [i=1:3] pursuit using (crowded(names[i])):"support_share":"support_share_lower":"support_share_upper" with yerrorlines lt i notitle, \
  for [i=1:3] pursuit using (crowded(names[i])):"error_over_bound_largest" with points lt i pt 2 ps 1.4 notitle, \
  NaN with linespoints lt 8 pt 7 title "share", \
  NaN with points lt 8 pt 2 title "error/bound"
unset arrow 1
set logscale y
set xrange [5e-4:2]
set yrange [1e-7:1e3]
set ytics 1e-6,100,1e2
set format x "10^{%T}"
set format y "10^{%T}"
set xlabel "inner step, μ ‖D_1‖^2"
set ylabel "(F − F_{opt}) / F_{opt}"
set title "ML-ISTA: gap and bound (dashed)"
set key bottom right
last(s) = (stringcolumn("start") eq s && column("iteration") == 1000 ? column("step_scale") : NaN)
plot bias using (last("zero")):"bound" with linespoints lt 2 dt 2 notitle, \
  bias using (last("optimum")):"bound" with linespoints lt 1 dt 2 notitle, \
  bias using (last("zero")):"gap_relative":(bar("standard_error")) with yerrorlines lt 2 title "from zero", \
  bias using (last("optimum")):"gap_relative":(bar("standard_error")) with yerrorlines lt 1 title "from optimum"
unset multiplot
