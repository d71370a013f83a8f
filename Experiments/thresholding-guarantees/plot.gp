# Supports and errors of layered thresholding, of layered basis pursuit, and the bias of ML-ISTA.
set output ARG2 . "." . ARG3
set datafile missing NaN
thresholding = ARG1 . "thresholding.csv"
pursuit = ARG1 . "basis-pursuit.csv"
bias = ARG1 . "ml-ista.csv"
array names[3] = ["line", "plane", "hadamard"]
set multiplot layout 2,2 title "S's guarantees: layered thresholding, layered basis pursuit, ML-ISTA" font ",17"
noise(f, l) = (stringcolumn("family") eq f && column("layer") == l && column("noise_over_edge") > 0 ? column("noise_over_edge") : NaN)
set logscale x
set xrange [0.08:12]
set xlabel "noise ε_0 over the largest the premise admits"
set ylabel "share of draws"
set yrange [0:1.6]
set ytics 0,0.2,1
set key top left maxrows 3 width -2 font ",11"
set title "Thresholding: exact support of γ_1 (full), γ_2 (dashed)"
plot for [i=1:3] thresholding using (noise(names[i], 1)):"support_share":"support_share_lower":"support_share_upper" with yerrorlines lt i title names[i], \
  for [i=1:3] thresholding using (noise(names[i], 2)):"support_share":"support_share_lower":"support_share_upper" with yerrorlines lt i dt 2 notitle, \
  for [i=1:3] thresholding using (noise(names[i], 2)):(column("premise") / column("draws")) with points lt i pt 2 ps 1.2 notitle, \
  NaN with points lt 8 pt 2 title "premise holds", \
  "+" using (1.0):(0):(0):(1.05) every ::::0 with vectors nohead lt 8 dt 3 title "edge of premise"
set ylabel "local error of γ_2 (patch norm)"
set yrange [0.4:1.6]
set ytics 0.2
set key top left maxrows 4 width 0
set title "Thresholding: error and bound of layer 2, plane"
plot thresholding using (noise("plane", 2)):"bound" with linespoints lt 1 dt 2 title "bound, mean", \
  thresholding using (noise("plane", 2)):"error_local":"standard_error" with yerrorlines lt 3 title "error where the premise holds", \
  thresholding using (noise("plane", 2)):"error_outside_premise":"standard_error_outside" with yerrorlines lt 2 title "error where it fails", \
  "+" using (1.0):(0):(0):(1.25) every ::::0 with vectors nohead lt 8 dt 3 title "edge of premise"
set xrange [0.25:20]
set xlabel "stripe norm of γ_1 over its limit ⅓(1 + 1/µ)"
set ylabel "share of draws; error over bound"
set yrange [0:1.6]
set ytics 0,0.2,1
set key top left maxrows 3 width -2
set title "Basis pursuit, layer 1: support within the true one"
crowded(f) = (stringcolumn("family") eq f && column("layer") == 1 && column("draws") >= 50 ? column("stripe_over_limit") : NaN)
plot for [i=1:3] pursuit using (crowded(names[i])):"support_share":"support_share_lower":"support_share_upper" with yerrorlines lt i title names[i], \
  for [i=1:3] pursuit using (crowded(names[i])):"error_over_bound_largest" with points lt i pt 2 ps 1.4 notitle, \
  NaN with points lt 8 pt 2 title "error/bound, largest", \
  "+" using (1.0):(0):(0):(1.05) every ::::0 with vectors nohead lt 8 dt 3 title "edge of premise"
set logscale y
set xrange [5e-4:2]
set yrange [1e-7:1e8]
set ytics auto
set format x "10^{%T}"
set format y "10^{%T}"
set xlabel "inner step, μ ‖D_1‖^2"
set ylabel "(F − F_{opt}) / F_{opt}"
set title "ML-ISTA after 1,000 iterations"
set key top right maxrows 4 width 0
last(s) = (stringcolumn("start") eq s && column("iteration") == 1000 ? column("step_scale") : NaN)
plot bias using (last("zero")):"bound" with linespoints lt 2 dt 2 title "bound, from zero", \
  bias using (last("optimum")):"bound" with linespoints lt 1 dt 2 title "bound, from the optimum", \
  bias using (last("zero")):"gap_relative":"standard_error" with yerrorlines lt 2 title "gap, from zero", \
  bias using (last("optimum")):"gap_relative":"standard_error" with yerrorlines lt 1 title "gap, from the optimum"
unset multiplot
