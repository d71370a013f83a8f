# Gap of the limit to the optimum against the inner step; non-zeros of γ1.
set output ARG2 . "." . ARG3
data = ARG1 . "gap.csv"
set multiplot layout 1,2 title "Where ML-ISTA and ML-FISTA end (S convergence theorem; B Theorems 1, 2)"
set logscale x
set format x "10^{%T}"
set xlabel "inner step, μ ‖D_1‖^2"
array first[4] = [0.0056, 0.01, 0.02, 0.003]
array second[4] = [0.0056, 0.01, 0.005, 0.01]
pick(i) = (column("lambda1") == first[i] && column("lambda2") == second[i] ? column("step_scale") : NaN)
set logscale y
set format y "10^{%T}"
set ylabel "relative gap of the limit, F/F^* − 1"
set title "ML-FISTA (points), ML-ISTA (crosses)"
set key top left
plot for [i=1:4] data using (pick(i)):"relative_gap":"relative_gap_lower":"relative_gap_upper" with yerrorlines lt i title sprintf("λ = (%g, %g)", first[i], second[i]), \
  for [i=1:4] data using (pick(i)):"relative_gap_ml_ista" with points lt i pt 2 ps 1.6 notitle, \
  [1e-4:1] 0.02*x with lines lt 8 dt 2 title "slope 1"
unset logscale y
set format y "%g"
set ylabel "non-zeros of γ_1 (mean over draws)"
set yrange [0:110]
set title "λ = (0.0056, 0.0056)"
set key top left
plot data using (pick(1)):"gamma1_nonzeros_propagated" with linespoints lt 1 title "γ_1 = D_2 γ_2 of the limit", \
  data using (pick(1)):"gamma1_nonzeros_thresholded" with linespoints lt 2 title "γ_1 after the inner threshold", \
  data using (pick(1)):"gamma1_nonzeros_optimum" with lines lt 7 dt 2 title "γ_1 of the optimum"
unset multiplot
