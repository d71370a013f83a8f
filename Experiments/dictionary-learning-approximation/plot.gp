# Error against the number of terms in two groups, the paired difference to ML-CSC, and the error
# against the number of learned parameters.
set output ARG2 . "." . ARG3
curves = ARG1 . "approximation.csv"
sizes = ARG1 . "dictionaries.csv"
terms(d) = (stringcolumn("dictionary") eq d ? column("terms") : NaN)
parameters(d) = (stringcolumn("dictionary") eq d && column("parameters") > 0 ? column("parameters") : NaN)
set multiplot layout 2,2 title "M-term approximation of held-out MNIST digits (S; mean over digits, bars: 95 % interval)"
small = "ml-csc ml-csc-shrunk one-layer-first one-layer-14 one-layer-20 sparse-k-svd"
dense = "ml-csc one-layer-28 k-svd dct pca-best pca-first"
label(d) = d eq "ml-csc" ? "ML-CSC" : \
  d eq "ml-csc-shrunk" ? "ML-CSC, filters shrunk" : \
  d eq "one-layer-first" ? "one layer, filters as in D_1" : \
  d eq "one-layer-14" ? "one layer, 14×14" : \
  d eq "one-layer-20" ? "one layer, 20×20" : \
  d eq "sparse-k-svd" ? "atoms sparse in cosines" : \
  d eq "one-layer-28" ? "one layer, 28×28 (dense)" : \
  d eq "k-svd" ? "K-SVD" : \
  d eq "dct" ? "DCT, best terms" : \
  d eq "pca-best" ? "PCA, best terms" : "PCA, first terms"
set linetype 9 lc rgb "#882255" lw 2.2 pt 12 ps 0.9
set linetype 10 lc rgb "#999933" lw 2.2 pt 3 ps 0.9
set linetype 11 lc rgb "#000000" lw 1.2 pt 1 ps 0.9 dt 2
set linetype cycle 11
style(d) = d eq "ml-csc" ? 7 : d eq "ml-csc-shrunk" ? 11 : d eq "one-layer-first" ? 1 : d eq "one-layer-14" ? 6 : \
  d eq "one-layer-20" ? 3 : d eq "sparse-k-svd" ? 4 : d eq "one-layer-28" ? 2 : \
  d eq "k-svd" ? 5 : d eq "dct" ? 8 : d eq "pca-best" ? 9 : 10
set logscale xy
set xrange [0.9:120]
set xtics (1, 2, 5, 10, 20, 50, 100)
set yrange [0.0009:1.1]
set ytics (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1)
set xlabel "terms M"
set ylabel "relative squared error"
set key bottom left font ",11" spacing 1.0
set title "as many parameters as ML-CSC, or its first layer"
plot for [d in small] curves using (terms(d)):"error_relative_squared":(1.96*column("standard_error")) \
  with yerrorlines lt style(d) title label(d)
set title "as many atoms without constraint; fixed bases"
plot for [d in dense] curves using (terms(d)):"error_relative_squared":(1.96*column("standard_error")) \
  with yerrorlines lt style(d) title label(d)
unset logscale y
set yrange [-0.35:0.35]
set ytics auto
set ytics 0.1
set ylabel "error − ML-CSC's (same digits)"
set title "above zero: ML-CSC is better"
set key off
set xzeroaxis lt 7 lw 1.5
plot for [d in small . " one-layer-28 k-svd dct pca-best pca-first"] \
  curves using (terms(d)):(d eq "ml-csc" ? NaN : column("excess_over_ml_csc")):"excess_lower":"excess_upper" \
  with yerrorlines lt style(d) notitle
set logscale x
set xrange [500:2e6]
set xtics (1000, "10^4" 10000, "10^5" 100000, "10^6" 1000000)
set yrange [0:*]
set xlabel "learned parameters (DCT: none)"
set ylabel "relative squared error at M = k"
set title "error at the k of learning against size"
plot for [d in small . " one-layer-28 k-svd pca-best pca-first"] \
  sizes using (parameters(d)):"error_at_k":(1.96*column("error_at_k_standard_error")) \
  with yerrorbars lt style(d) ps 1.6 notitle
unset multiplot
