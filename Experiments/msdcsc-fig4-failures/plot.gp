# Failing dimensions against the iteration, one panel a coding, one figure a kind of class centres; then,
# in a figure of their own, all readings of β and of the bound after training.
curves = ARG1 . "failures_by_iteration.csv"
readings = ARG1 . "readings.csv"
codings = "network step-nonnegative step-signed lasso-nonnegative lasso-signed"
titles = "'the network’s features' 'one step of eq. (3), S^+' 'one step of eq. (3), S' 'LASSO, Γ ≥ 0' 'LASSO'"
models = "'ML-CSC' 'MSD-CSC of the same F' 'MSD-CSC'"
names = "'mean |b|' 'max |b|' 'each unit' '−b > 0' '2 λ_{max}' 'without λ_{max}' 'β of the start' 'bound β' 'same b' '2nd layer'"
# One figure a kind of class centres that was drawn, in the order of the table.
kinds = ""
count = 0
note(unused) = (strcol("centres") eq "centres" || strstrt(kinds . " ", strcol("centres") . " ") ? 0 : \
  (kinds = kinds . (count ? " " : "") . strcol("centres"), count = count + 1, 0))
stats curves using (note(0)) nooutput
spelled(k) = (word(kinds, k) eq "gaussian" ? "Gaussian" : word(kinds, k))
of(c, m) = stringcolumn("centres") eq centres && stringcolumn("coding") eq word(codings, c) && stringcolumn("model") eq word(models, m)
do for [k=1:count] {
  set output (k == 1 ? ARG2 . "." . ARG3 : ARG2 . "-" . word(kinds, k) . "." . ARG3)
  centres = word(kinds, k)
  set multiplot layout 2,3 margins 0.095,0.985,0.125,0.88 spacing 0.06,0.17 title "Dimensions not reconstructed, |ξ_j − x_j| > 2β (R Fig. 4), by what Γ is; ".spelled(k)." centres; bands: 95 % intervals"
  set logscale x
  set xrange [0.8:2e4]
  set yrange [-4:104]
  set format x "10^{%T}"
  set xlabel "iteration + 1" offset 0,0.5
  unset key
  do for [c=1:5] {
    set title word(titles, c) offset 0,-0.5
    set ylabel (c % 3 == 1 ? "failing dimensions (%)" : "")
    if (c == 5) { set key at screen 0.72, 0.4 left top Left reverse nobox spacing 1.4 }
    plot for [m=1:3] curves using (of(c, m) ? column("iteration_plus_1") : NaN):"failing_dimensions_percent_lower_95":"failing_dimensions_percent_upper_95" with filledcurves lt m fs transparent solid 0.2 noborder notitle, \
      for [m=1:3] curves using (of(c, m) ? column("iteration_plus_1") : NaN):"failing_dimensions_percent" with linespoints lt m dt m title word(models, m)
  }
  unset multiplot
}
unset logscale
set format "%g"
set output ARG2 . "-readings." . ARG3
set multiplot layout count,5 margins 0.185,0.985,0.115,0.86 spacing 0.018,0.1 title "Failing dimensions after training under every reading of β and of the bound (R Fig. 4); bars: 95 % intervals"
short = "'network features' 'one step, S^+' 'one step, S' 'LASSO, Γ ≥ 0' 'LASSO'"
set xrange [-6:106]
set yrange [10.6:0.4]
set xtics 0,25,75
do for [k=1:count] {
  centres = word(kinds, k)
  do for [c=1:5] {
    set title (k == 1 ? word(short, c) : "") offset 0,-0.5
    set ylabel (c == 1 ? spelled(k) . " centres" : "") offset 1,0
    set xlabel (c == 3 ? "failing dimensions (%)" : "") offset 0,0.5
    set ytics ()
    do for [r=1:10] { set ytics add ((c == 1 ? word(names, r) : "") r) }
    if (c == 3 && k == 1) { set key at screen 0.5, 0.945 center top Left reverse nobox maxrows 1 } else { unset key }
    plot for [m=1:3] readings using (of(c, m) ? column("failing_dimensions_percent") : NaN):(column("place") + 0.25 * (m - 2)):"failing_dimensions_percent_lower_95":"failing_dimensions_percent_upper_95" with xerrorbars lt m title word(models, m)
  }
}
unset multiplot
