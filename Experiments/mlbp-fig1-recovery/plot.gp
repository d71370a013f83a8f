# Errors of γ2 (top) and γ1 (bottom) against λ2, for both readings of the paper's SNR.
set output ARG2 . "." . ARG3
data = ARG1 . "recovery.csv"
set multiplot layout 2,2 margins 0.08,0.985,0.125,0.885 spacing 0.09,0.17 title "Recovery by basis pursuit and multi-layer basis pursuit (B Fig. 1); bars: 95 % intervals"
set logscale x
set format x "10^{%T}"
set xrange [1e-4:0.4]
set xlabel "λ_2" offset 0,0.5
set yrange [0:1.25]
array snrs[2] = [10, 20]
do for [layer=2:1:-1] {
  do for [i=1:2] {
    pick(m) = (stringcolumn("method") eq m && column("layer") == layer && column("snr_db") == snrs[i] ? column("lambda2") : NaN)
    set title sprintf("error of γ_%d, noise at %d dB", layer, snrs[i])
    set ylabel "relative ℓ_2 error"
    if (layer == 2 && i == 1) { set key at graph 0.98, 0.44 right top font ",12" spacing 1 } else { unset key }
    plot for [m=1:2] data using (pick(word("bp ml-bp", m))):"error_relative_l2":"error_relative_l2_lower_95":"error_relative_l2_upper_95" with yerrorlines lt m title word("'BP (λ_1 = 0)' 'ML-BP, one λ_1 for all'", m), \
      data using (pick("ml-bp-oracle")):"error_relative_l2" with lines lt 5 dt 2 title "ML-BP, best λ_1 a draw", \
      data using (pick("bp")):"floor_relative_l2" with lines lt 8 title "least squares, supports known"
  }
}
unset multiplot
