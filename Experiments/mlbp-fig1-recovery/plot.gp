# Errors of γ2 (top) and γ1 (bottom) against λ2, for both readings of the paper's SNR.
set output ARG2 . "." . ARG3
data = ARG1 . "recovery.csv"
set multiplot layout 2,2 title "Recovery by basis pursuit and multi-layer basis pursuit (B Fig. 1)"
set logscale x
set format x "10^{%T}"
set xlabel "λ_2"
set yrange [0:1.25]
array snrs[2] = [10, 20]
do for [layer in "2 1"] {
  do for [i=1:2] {
    pick(m) = (stringcolumn("method") eq m && column("snr_db") == snrs[i] ? column("lambda2") : NaN)
    set title sprintf("error of γ_%s, noise at %d dB", layer, snrs[i])
    set ylabel "relative ℓ_2 error"
    if (layer eq "2" && i == 2) { set key top left font ",12" spacing 1 } else { unset key }
    error = sprintf("gamma%s_error_relative_l2", layer)
    spread = sprintf("gamma%s_standard_error", layer)
    base = sprintf("gamma%s_floor", layer)
    plot data using (pick("bp")):(column(error)):(column(spread)) with yerrorlines lt 1 title "BP (λ_1 = 0)", \
      data using (pick("ml-bp")):(column(error)):(column(spread)) with yerrorlines lt 2 title "ML-BP, one λ_1 for all", \
      data using (pick("ml-bp-oracle")):(column(error)) with lines lt 5 dt 2 title "ML-BP, best λ_1 a draw", \
      data using (pick("bp")):(column(base)) with lines lt 8 title "floor: supports known"
  }
}
unset multiplot
