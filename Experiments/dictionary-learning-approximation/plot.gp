# Error against the number of terms in two groups on the same axes, the paired difference to ML-CSC,
# and the error against the number of learned parameters. Bars are 95 % intervals, 1.96
# standard errors over the test digits.
set output ARG2 . "." . ARG3
curves = ARG1 . "approximation.csv"
sizes = ARG1 . "dictionaries.csv"
terms(d) = (stringcolumn("dictionary") eq d ? column("terms") : NaN)
size(d) = (stringcolumn("dictionary") ne d ? NaN : column("parameters") > 0 ? column("parameters") : 300)
# Without the kernels that a profile leaves out.
kernel(k) = sprintf("one-layer-%d", k)
equal = "ml-csc one-layer-first"
do for [k in "14 20"] {
  stats sizes using (stringcolumn("dictionary") eq kernel(int(k)) ? 1 : 0) nooutput
  if (STATS_max > 0) { equal = equal . " " . kernel(int(k)) }
}
equal = equal . " sparse-k-svd"
others = "one-layer-28 k-svd dct pca-best pca-first"
label(d) = d eq "ml-csc" ? "ML-CSC" : \
  d eq "one-layer-first" ? "one layer, D_1's filters" : \
  d eq "one-layer-14" ? "one layer, 14×14" : \
  d eq "one-layer-20" ? "one layer, 20×20" : \
  d eq "sparse-k-svd" ? "sparse in cosines" : \
  d eq "one-layer-28" ? "one layer, 28×28" : \
  d eq "k-svd" ? "K-SVD" : \
  d eq "dct" ? "DCT, best terms" : \
  d eq "pca-best" ? "PCA, best terms" : "PCA, first terms"
set linetype 9 lc rgb "#882255" lw 2.2 pt 12 ps 0.9
set linetype 10 lc rgb "#999933" lw 2.2 pt 3 ps 0.9
set linetype cycle 10
style(d) = d eq "ml-csc" ? 7 : d eq "one-layer-first" ? 1 : d eq "one-layer-14" ? 6 : \
  d eq "one-layer-20" ? 3 : d eq "sparse-k-svd" ? 4 : d eq "one-layer-28" ? 2 : \
  d eq "k-svd" ? 5 : d eq "dct" ? 8 : d eq "pca-best" ? 9 : 10
stats sizes using "terms_in_learning" nooutput
learned = int(STATS_max)
stats curves using "error_relative_squared" nooutput
set multiplot title "M-term approximation of held-out MNIST digits (S; means over digits, bars: 95 % interval)"
# The legends stand beside the panels; each is made by the panel of its group.
set key at screen 0.785,0.895 top left reverse Left vertical maxcols 1 font ",12" spacing 1.35 samplen 1.5 nobox
set logscale xy
set xrange [0.9:120]
set xtics (1, 2, 5, 10, 20, 50, 100)
set yrange [0.8 * STATS_min:1.1]
set ytics (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1)
set xlabel "terms M" offset 0,0.4
set lmargin at screen 0.09
set rmargin at screen 0.385
set tmargin at screen 0.89
set bmargin at screen 0.575
set ylabel "relative squared error"
set title "as many parameters, or D_1's filters" offset 0,-0.4
plot for [d in equal] curves using (terms(d)):"error_relative_squared":(1.96*column("standard_error")) \
  with yerrorlines lt style(d) title label(d)
set key at screen 0.785,0.655
set lmargin at screen 0.46
set rmargin at screen 0.765
set ylabel ""
set title "as many atoms; fixed bases"
plot for [d in "ml-csc " . others] curves using (terms(d)):"error_relative_squared":(1.96*column("standard_error")) \
  with yerrorlines lt style(d) title (d eq "ml-csc" ? "" : label(d))
unset key
set lmargin at screen 0.09
set rmargin at screen 0.385
set tmargin at screen 0.44
set bmargin at screen 0.125
unset logscale y
set yrange [*:*]
set ytics autofreq
set ylabel "error − ML-CSC's (same digits)"
set title "above zero: ML-CSC is better"
set xzeroaxis lt 7 lw 1.5
plot for [d in equal . " " . others] \
  curves using (terms(d)):(d eq "ml-csc" ? NaN : column("excess_over_ml_csc")):(1.96*column("excess_standard_error")) \
  with yerrorlines lt style(d)
set lmargin at screen 0.46
set rmargin at screen 0.765
set xrange [150:2e6]
set xtics ("0" 300, "1,000" 1000, "10^4" 10000, "10^5" 100000, "10^6" 1000000)
set yrange [0:*]
set xlabel "learned parameters (DCT: 0)"
set ylabel ""
set title sprintf("error at M = %d against size", learned)
plot for [d in equal . " " . others] \
  sizes using (size(d)):"error_at_k":(1.96*column("error_at_k_standard_error")) with yerrorbars lt style(d) ps 1.5
unset multiplot
