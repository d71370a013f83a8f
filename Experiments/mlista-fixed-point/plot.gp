# Gap of the limit to the optimum against the inner step; non-zeros of γ1.
set output ARG2 . "." . ARG3
data = ARG1 . "gap.csv"
set multiplot layout 1,2 margins 0.095,0.985,0.125,0.87 spacing 0.085 title "Where ML-ISTA and ML-FISTA end (S convergence theorem; B Theorems 1, 2); bars: 95 % intervals"
set logscale x
set format x "10^{%T}"
set xlabel "inner step, μ ‖D_1‖^2" offset 0,0.3
# Every pair of penalties has a series of its own, in the order of the table.
least = 1
count = 0
seen = ""
label(unused) = strcol("lambda1") . "/" . strcol("lambda2")
look(unused) = (strcol("step_scale") ne "step_scale" ? (least = column("step_scale") < least ? column("step_scale") : least, \
  strstrt(seen, "|" . label(0) . "|") ? 0 : (seen = seen . "|" . label(0) . "|", count = count + 1, 0)) : 0)
stats data using (look(0)) nooutput
array first[count]
array second[count]
k = 0
seen = ""
note(unused) = (strcol("step_scale") ne "step_scale" && strstrt(seen, "|" . label(0) . "|") == 0 ? (seen = seen . "|" . label(0) . "|", \
  k = k + 1, first[k] = column("lambda1"), second[k] = column("lambda2"), 0) : 0)
stats data using (note(0)) nooutput
# On the right the pair with the most unequal penalties.
shown = 1
do for [i=1:count] { if (first[i] / second[i] > first[shown] / second[shown]) { shown = i } }
set xrange [0.7 * least:1.4]
pick(i) = (column("lambda1") == first[i] && column("lambda2") == second[i] ? column("step_scale") : NaN)
set logscale y
set format y "10^{%T}"
set ylabel "relative gap of the limit, F/F^* − 1"
set title "gap: ML-FISTA (points), ML-ISTA (crosses)"
set key bottom right font ",13"
plot for [i=1:count] data using (pick(i)):"relative_gap":"relative_gap_lower_95":"relative_gap_upper_95" with yerrorlines lt i title sprintf("λ = (%g, %g)", first[i], second[i]), \
  for [i=1:count] data using (pick(i)):"relative_gap_ml_ista" with points lt i pt 2 ps 1.8 notitle, \
  [least:1] 0.02*x with lines lt 8 dt 2 title "slope 1"
unset logscale y
set format y "%g"
set ylabel "non-zeros of γ_1 (mean over draws)"
set yrange [0:75]
set title sprintf("γ_1 at λ = (%g, %g)", first[shown], second[shown])
set key bottom right
name(i) = "gamma1_nonzeros_" . word("propagated thresholded optimum", i)
plot data using (pick(shown)):(column(name(3))) with lines lt 8 lw 8 title "of the optimum", \
  for [i=1:2] data using (pick(shown)):(column(name(i))):(column(name(i) . "_lower_95")):(column(name(i) . "_upper_95")) with yerrorlines lt i title word("'D_2 γ_2 of the limit' 'after the inner threshold'", i)
unset multiplot
