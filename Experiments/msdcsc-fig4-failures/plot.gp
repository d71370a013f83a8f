# Columns: what codes. Above: failing dimensions against the iteration. Below: after training, one
# reading of β and of the bound a place.
if (format eq "png") {
  set terminal pngcairo size 1800,1000 font "DejaVu Sans,13" enhanced background "white"
} else {
  set terminal svg size 1800,1000 font "DejaVu Sans,13" enhanced background "white" dynamic
}
curves = ARG1 . "failures_by_iteration.csv"
readings = ARG1 . "readings.csv"
codings = "network step-nonnegative step-signed lasso-nonnegative lasso-signed"
titles = "'network features' 'one step of eq. (3), S^+' 'one step of eq. (3), S' 'LASSO, {/Symbol G} ≥ 0' 'LASSO'"
models = "'ML-CSC' 'MSD-CSC of the same F' 'MSD-CSC'"
names = "'mean |b|' 'max |b|' 'each unit' '−b > 0' '2 λ_{max}' 'without λ_{max}' 'β of start' 'bound β' 'same b' '2nd layer'"
array kinds[2] = ["gaussian", "uniform"]
do for [k=1:2] {
  set output (k == 1 ? ARG2 . "." . ARG3 : ARG2 . "-uniform." . ARG3)
  centres = kinds[k]
  set multiplot layout 2,5 margins 0.045,0.99,0.175,0.91 spacing 0.028,0.13 title "Dimensions not reconstructed, |ξ_j − x_j| > 2β (R Fig. 4), ".centres." class centres; band, bars: least and most of the seeds" offset 0,-0.2
  set yrange [-4:104]
  do for [i=1:5] {
    coding = word(codings, i)
    set title word(titles, i)
    set logscale x
    set xrange [*:*]
    set xtics rotate by 0 autofreq norangelimit
    set format x "10^{%L}"
    set xlabel "iteration + 1"
    set ylabel (i == 1 ? "failing dimensions (%)" : "")
    if (i == 5) { set key at graph 0.98, 0.98 right top font ",12" samplen 1.5 } else { unset key }
    plot for [m=1:3] curves using (stringcolumn("centres") eq centres && stringcolumn("coding") eq coding && stringcolumn("model") eq word(models, m) ? column("iteration_plus_1") : NaN):"failing_dimensions_percent_least":"failing_dimensions_percent_most" with filledcurves lt m fs transparent solid 0.2 noborder notitle, \
      for [m=1:3] curves using (stringcolumn("centres") eq centres && stringcolumn("coding") eq coding && stringcolumn("model") eq word(models, m) ? column("iteration_plus_1") : NaN):"failing_dimensions_percent_mean" with linespoints lt m dt m title word(models, m)
  }
  unset key
  unset logscale x
  set format x "%g"
  set xlabel "reading of β and of the bound"
  set xrange [0.4:10.6]
  do for [i=1:5] {
    coding = word(codings, i)
    set title ""
    set xtics rotate by 60 right norangelimit
    set xtics ()
    do for [r=1:10] { set xtics add (word(names, r) r) }
    set ylabel (i == 1 ? "failing after training (%)" : "")
    plot for [m=1:3] readings using (stringcolumn("centres") eq centres && stringcolumn("coding") eq coding && stringcolumn("model") eq word(models, m) ? column("place") + 0.24 * (m - 2) : NaN):"failing_dimensions_percent_mean":"failing_dimensions_percent_least":"failing_dimensions_percent_most" with yerrorbars lt m notitle
  }
  unset multiplot
}
