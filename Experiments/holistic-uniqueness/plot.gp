# Uniqueness; errors of the oracles against s2 and rank Φ. Second picture: supports found.
unique = ARG1 . "uniqueness.csv"
error = ARG1 . "stability.csv"
pursuit = ARG1 . "pursuits.csv"
set output ARG2 . "." . ARG3
set multiplot layout 2,2 margins 0.095,0.985,0.125,0.875 spacing 0.125,0.2 title "Synthesis and analysis together: uniqueness, and stability with known supports (S)"
set key font ",11" spacing 1
set ylabel font ",13"
# Uniqueness: share of models with a competitor against the slack of the premise.
kind(d) = (stringcolumn("dictionaries") eq d ? column("slack") : NaN)
set title "uniqueness for all γ_2 of a model (n = 4, m_2 = 6)"
set xlabel "slack of S's premise, (η − 1)/2 + rank Φ − s_2"
set ylabel "share not unique (95 %)"
set xrange [-6.3:2]
set yrange [-0.05:1.05]
set ytics 0,0.2,1
set arrow 1 from 0,-0.05 to 0,1.05 nohead dt 2 lw 2 lc rgb "#000000"
set label 1 "premise holds" at 0.08,0.97 font ",11"
set key bottom left
plot unique using (kind("general")):"share_not_unique":"share_not_unique_lower_95":"share_not_unique_upper_95" with yerrorlines lt 1 title "general position, m_1 = 8", \
  unique using (kind("few-rows")):"share_not_unique":"share_not_unique_lower_95":"share_not_unique_upper_95" with yerrorlines lt 2 title "general position, m_1 = 5", \
  unique using (kind("ternary")):"share_not_unique":"share_not_unique_lower_95":"share_not_unique_upper_95" with yerrorlines lt 3 title "entries −1, 0, 1 (m_1 = 8)"
unset arrow 1
unset label 1
# Error against s2.
pick(s, c) = (stringcolumn("series") eq s ? column(c) : NaN)
set title "error of γ_2 against s_2 (lines: exact mean)"
set xlabel "s_2 = ‖γ_2‖_0"
set ylabel "‖γ̂_2 − γ_2‖^2/σ^2, mean (95 %)"
set logscale y
set ytics (0.2, 0.5, 1, 2, 5, 10, 20, 50)
set yrange [0.04:100]
set key bottom right font ",9"
set xrange [1:21]
plot error using (pick("line", "sparsity")):"projection_gamma2_error_over_variance":"projection_gamma2_error_over_variance_lower_95":"projection_gamma2_error_over_variance_upper_95" with yerrorbars lt 2 title "projection, s_2 = rank Φ + 1", \
  error using (pick("support", "sparsity")):"projection_gamma2_error_over_variance":"projection_gamma2_error_over_variance_lower_95":"projection_gamma2_error_over_variance_upper_95" with yerrorbars lt 2 pt 4 title "projection, rank Φ = 10", \
  error using (pick("line", "sparsity")):"holistic_gamma2_error_over_variance":"holistic_gamma2_error_over_variance_lower_95":"holistic_gamma2_error_over_variance_upper_95" with yerrorbars lt 1 title "holistic, s_2 = rank Φ + 1", \
  error using (pick("support", "sparsity")):"holistic_gamma2_error_over_variance":"holistic_gamma2_error_over_variance_lower_95":"holistic_gamma2_error_over_variance_upper_95" with yerrorbars lt 1 pt 6 title "holistic, rank Φ = 10", \
  for [s in "line support"] error using (pick(s, "sparsity")):"holistic_gamma2_bound" with lines lt 7 dt 2 title (s eq "line" ? "bound (s_2 − rank Φ)/(1 − δ), mean" : ""), \
  for [s in "line support"] error using (pick(s, "sparsity")):"projection_gamma2_predicted" with lines lt 2 lw 1.2 notitle, \
  for [s in "line support"] error using (pick(s, "sparsity")):"holistic_gamma2_predicted" with lines lt 1 lw 1.2 notitle
# Errors against rank Φ.
set xlabel "rank Φ"
set yrange [0.04:100]
set xrange [0.5:10.5]
set xtics 1,1,10
do for [layer in "2 1"] {
  set title sprintf("error of γ_%s against rank Φ, s_2 = 11%s", layer, (layer eq "2" ? " (lines: exact mean)" : ""))
  set ylabel sprintf("‖γ̂_%s − γ_%s‖^2/σ^2, mean (95 %)", layer, layer)
  mean(m) = sprintf("%s_gamma%s_error_over_variance", m, layer)
  low(m) = mean(m) . "_lower_95"
  high(m) = mean(m) . "_upper_95"
  set key bottom left
  plot error using (layer eq "2" ? pick("rank", "rank") : NaN):"holistic_gamma2_bound" with lines lt 7 dt 2 title (layer eq "2" ? "bound (s_2 − rank Φ)/(1 − δ), mean" : ""), \
    error using (pick("rank", "rank")):(column(mean("projection"))):(column(low("projection"))):(column(high("projection"))) with yerrorbars lt 2 title "projection", \
    error using (pick("rank", "rank")):(column(mean("holistic"))):(column(low("holistic"))):(column(high("holistic"))) with yerrorbars lt 1 title "holistic, |Λ| = rank Φ", \
    error using (pick("copies", "rank")):(column(mean("holistic"))):(column(low("holistic"))):(column(high("holistic"))) with yerrorbars lt 3 pt 8 ps 1.3 title "holistic, |Λ| = 10, rows repeated", \
    error using (layer eq "2" ? pick("rank", "rank") : NaN):"projection_gamma2_predicted" with lines lt 2 lw 1.2 notitle, \
    error using (layer eq "2" ? pick("rank", "rank") : NaN):"holistic_gamma2_predicted" with lines lt 1 lw 1.2 notitle
}
unset multiplot
# Supports found.
set output ARG2 . "-pursuits." . ARG3
set multiplot layout 1,2 margins 0.085,0.985,0.115,0.88 spacing 0.09 title "Pursuits that find the supports: error of γ_2 against rank Φ, s_2 = 11"
method(m, d) = (stringcolumn("method") eq m && column("snr_db") == d ? column("rank") : NaN)
set ylabel "‖γ̂_2 − γ_2‖^2/σ^2, geometric mean (95 %)"
set yrange [0.1:100]
set ytics (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
array names[5] = ["projection", "projection-oracle", "holistic", "holistic-support-known", "holistic-oracle"]
array titles[5] = ["projection, S found", "projection, S known", "holistic, S and Λ found", "holistic, S known, Λ found", "holistic, S and Λ known"]
array styles[5] = [2, 5, 1, 3, 8]
do for [snr in "25 50"] {
  set title sprintf("noise at %s dB%s", snr, (snr eq "50" ? " (the public code's “25 dB”)" : ""))
  if (snr eq "25") { set key bottom left } else { unset key }
  plot for [i=1:5] pursuit using (method(names[i], snr + 0)):"geometric_mean_error_over_variance":"geometric_mean_error_over_variance_lower_95":"geometric_mean_error_over_variance_upper_95" with yerrorlines lt styles[i] title titles[i]
}
unset multiplot
