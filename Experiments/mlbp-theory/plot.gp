# Rates and inequalities of B; what eq. (5)'s thresholds solve.
set output ARG2 . "." . ARG3
set multiplot layout 2,2 margins 0.095,0.985,0.115,0.885 spacing 0.11,0.17 title "B's rates, inequalities and thresholds; bands and bars: 95 % intervals over the draws"
data = ARG1 . "curves.csv"
names = "ista fista ml-ista ml-fista"
titles = "ISTA FISTA ML-ISTA ML-FISTA"
pick(i, name) = (stringcolumn("method") eq word(names, i) ? column(name) : NaN)
set logscale xy
set format xy "10^{%T}"
set xlabel "iteration k" offset 0,0.5
set key bottom left Left reverse font ",12" spacing 1
do for [panel=1:2] {
  a = 2*panel - 1
  b = 2*panel
  set title (panel == 1 ? "basis pursuit: both keep their bounds" : "multi-layer: a gap to F^* stays")
  set ylabel (panel == 1 ? "relative gap, F(γ^k)/F^* − 1" : "")
  set yrange [1e-14:1e4]
  plot for [i=a:b] data using (pick(i, "iteration")):"relative_gap_lower_95":"relative_gap_upper_95" with filledcurves lt i fs transparent solid 0.18 noborder notitle, \
    for [i=a:b] data using (pick(i, "iteration")):"relative_gap" with lines lt i lw 2.5 title word(titles, i), \
    for [i=a:b] data using (pick(i, "iteration")):"relative_gap_bound" with lines lt i dt 2 lw 2 title (i == 3 ? "" : word(titles, i) . ", bound"), \
    for [i=a:b] data using (panel == 2 ? pick(i, "iteration") : NaN):"relative_gap_to_limit" with lines lt i dt 3 lw 2 title (panel == 2 ? word(titles, i) . ", to the limit" : "")
}
set title "B Suppl. A.1: ‖γ^k − γ^*‖^2 over its bound"
set ylabel "(k + 1) ‖γ^k − γ^*‖^2 / ‖γ^0 − γ^*‖^2"
set yrange [1e-3:1e4]
set key top left Left reverse
plot for [c in "optimum limit"] data using (pick(3, "iteration")):(column("distance_to_" . c . "_over_bound_lower_95")):(column("distance_to_" . c . "_over_bound_upper_95")) with filledcurves lt (c eq "limit" ? 1 : 2) fs transparent solid 0.18 noborder notitle, \
  for [c in "optimum limit"] data using (pick(3, "iteration")):(column("distance_to_" . c . "_over_bound")) with lines lt (c eq "limit" ? 1 : 2) lw 2.5 title "ML-ISTA, γ^* the " . (c eq "limit" ? "fixed point" : "optimum"), \
  data using (pick(1, "iteration")):"distance_to_optimum_over_bound" with lines lt 3 lw 2.5 title "ISTA on basis pursuit", \
  1 with lines lt 8 dt 2 lw 2 title "the bound"
data = ARG1 . "limits.csv"
set title "eq. (5): thresholds as printed and right ones"
set xlabel "‖D_1‖, the same problem in other units" offset 0,0.5
set ylabel "relative gap of the limit"
set format x "%g"
set xrange [0.2:5]
set xtics (0.25, 0.5, 1, 2, 4)
set yrange [*:*]
set key top left
plot data using "first_norm":"relative_gap_printed":"relative_gap_printed_lower_95":"relative_gap_printed_upper_95" with yerrorlines lt 2 title "λ_2/c_2, as printed", \
  data using "first_norm":"relative_gap_right":"relative_gap_right_lower_95":"relative_gap_right_upper_95" with yerrorlines lt 1 title "λ_2/(c_1 c_2)"
unset multiplot
