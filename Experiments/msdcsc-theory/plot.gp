# Theorem 1, Lemma 3, Proposition 1, codes at equal biases, coherence and one pass of thresholding.
set output ARG2 . "." . ARG3
set multiplot layout 2,3 margins 0.07,0.985,0.13,0.885 spacing 0.085,0.19 title "R's statements on MSD-CSC on random instances"
data = ARG1 . "theorem1.csv"
set title font ",13"
set xlabel font ",12"
set ylabel font ",12"
set tics font ",11"
set key at graph 0.02, 0.9 left top Left reverse font ",11" spacing 1
set logscale xy
set xlabel "largest residual of ML-CSC, max_j |x_j − ξ_j| / β" offset 0,0.4
set ylabel "relative gain of [I F^T]"
set format y "10^{%L}"
set yrange [1e-8:3]
set xrange [0.004:100]
set title "Theorem 1: the edge is β; R's premise is 2β"
set arrow 1 from 1, 1e-8 to 1, 3 nohead lc rgb "#000000" dt 2 lw 2 front
set arrow 2 from 2, 1e-8 to 2, 3 nohead lc rgb "#D55E00" dt 2 lw 2 front
set label 1 "β" at 0.65, 1e-7 front
set label 2 "2β" at 2.2, 1e-7 front tc rgb "#D55E00"
gain(s) = (stringcolumn("codes") eq s ? (column("gain") > 1e-8 * column("objective_ml") ? column("gain") / column("objective_ml") : 1.5e-8) : NaN)
plot data using (column("largest_residual_over_beta_ml")):(gain("signed")) with points lt 1 ps 0.5 title "signed", \
  data using (column("largest_residual_over_beta_ml")):(gain("non-negative")) with points lt 2 ps 0.4 title "non-negative"
unset arrow
unset label
set title "Theorem 1: gain against its lower bounds"
set xlabel "measured gain" offset 0,0.4
set ylabel "lower bound of the gain"
set xrange [1e-4:100]
set yrange [1e-4:100]
set key at graph 0.02, 0.97 left top Left reverse font ",12"
set format "10^{%L}"
plot x with lines lt 8 dt 2 title "equality", \
  data using (column("gain")):(column("gain_of_threshold")) with points lt 3 ps 0.4 title "Σ½(d − β)^2, d > β (ours)", \
  data using (column("gain")):(column("gain_of_proof") > 0 ? column("gain_of_proof") : NaN) with points lt 4 ps 0.4 title "½d^2 − βd, d > 2β (R)"
unset logscale
set format "%g"
set key at graph 0.02, 0.97 left top Left reverse font ",13"
data = ARG1 . "lemma3.csv"
set title "Lemma 3: A of 6×10"
set xlabel "eigenvalue of B, in ascending order" offset 0,0.4
set ylabel "value"
set xrange [0:17]
set yrange [-1:*]
pick(c) = (column("rows") == 6 && column("columns") == 10 ? column(c) : NaN)
plot data using "index":(pick("as_printed")) with linespoints lt 2 title "as R states it", \
  data using "index":(pick("mended")) with points lt 3 ps 1.6 title "mended", \
  data using "index":(pick("eigenvalue")) with points lt 7 pt 7 ps 0.7 title "measured"
data = ARG1 . "proposition1.csv"
set title "Proposition 1: network and pursuit"
set xlabel "layer" offset 0,0.4
set ylabel "largest relative difference"
set key at graph 0.98, 0.5 right center noreverse Right
set logscale y
set format y "10^{%L}"
set xrange [0.5:6.5]
set yrange [1e-17:10]
pick(s) = (stringcolumn("input") eq s ? column("largest_relative_difference") : NaN)
plot data using "layer":(pick("signed")) with linespoints lt 2 title "X of both signs", \
  data using "layer":(pick("non-negative") > 0 ? pick("non-negative") : NaN) with linespoints lt 1 title "X ≥ 0"
unset logscale y
set format y "%g"
data = ARG1 . "paths.csv"
set title "equal biases: loss against non-zeros"
set xlabel "non-zeros of the code (mean)"
set ylabel "‖x − DΓ‖^2/‖x‖^2"
set key at graph 0.98, 0.97 right top noreverse Right font ",11"
set xrange [0:*]
set yrange [0:1]
code(s) = (stringcolumn("codes") eq s ? column("nonzeros_ml") : NaN)
dense(s) = (stringcolumn("codes") eq s ? column("nonzeros_msd") : NaN)
plot for [i=1:2] data using (code(word("signed non-negative", i))):"loss_ml" with linespoints lt i title "ML-CSC, " . word("signed non-negative", i), \
  for [i=1:2] data using (dense(word("signed non-negative", i))):"loss_msd" with linespoints lt i dt 2 title "MSD-CSC, " . word("signed non-negative", i)
data = ARG1 . "thresholding.csv"
set title "one pass of thresholding, by µ"
set xlabel "mutual coherence µ"
set ylabel "relative error, best threshold"
set xrange [0.35:0.85]
set logscale y
set yrange [0.1:100]
set key at graph 0.02, 0.97 left top Left reverse
family(s) = (stringcolumn("family") eq s ? column("coherence") : NaN)
plot data using (family("gaussian")):"error_relative_l2" with points lt 1 ps 0.5 title "Gaussian", \
  data using (family("common direction")):"error_relative_l2" with points lt 2 ps 0.5 title "with a common direction"
unset multiplot
