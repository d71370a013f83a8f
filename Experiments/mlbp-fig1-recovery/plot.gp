# Errors of γ2 (top) and γ1 (bottom) against λ2, for both readings of the paper's SNR.
set output ARG2 . "." . ARG3
data = ARG1 . "recovery.csv"
# One column of panels a noise level, in the order of the table.
count = 0
seen = ""
new(unused) = (strcol("snr_db") ne "snr_db" && strstrt(seen, "|" . strcol("snr_db") . "|") == 0 ? \
  (seen = seen . "|" . strcol("snr_db") . "|", count = count + 1, 1) : 0)
stats data using (new(0)) nooutput
array snrs[count]
k = 0
seen = ""
note(unused) = (new(0) ? (k = k + 1, snrs[k] = column("snr_db"), 0) : 0)
columns = count
stats data using (note(0)) nooutput
set multiplot layout 2,columns margins 0.08,0.985,0.125,0.885 spacing 0.09,0.17 title "Recovery by basis pursuit and multi-layer basis pursuit (B Fig. 1); bars: 95 % intervals"
set logscale x
set format x "10^{%T}"
set xrange [1e-4:0.4]
set xlabel "λ_2" offset 0,0.5
set yrange [0:1.25]
do for [layer=2:1:-1] {
  do for [i=1:columns] {
    pick(m) = (stringcolumn("method") eq m && column("layer") == layer && column("snr_db") == snrs[i] ? column("lambda2") : NaN)
    set title sprintf("error of γ_%d, noise at %g dB", layer, snrs[i])
    set ylabel "relative ℓ_2 error"
    if (layer == 2 && i == 1) { set key at graph 0.98, 0.44 right top font ",12" spacing 1 } else { unset key }
    plot for [m=1:2] data using (pick(word("bp ml-bp", m))):"error_relative_l2":"error_relative_l2_lower_95":"error_relative_l2_upper_95" with yerrorlines lt m title word("'BP (λ_1 = 0)' 'ML-BP, one λ_1 for all'", m), \
      data using (pick("ml-bp-oracle")):"error_relative_l2" with lines lt 5 dt 2 title "ML-BP, best λ_1 a draw", \
      data using (pick("bp")):"floor_relative_l2" with lines lt 8 title "least squares, supports known"
  }
}
unset multiplot
