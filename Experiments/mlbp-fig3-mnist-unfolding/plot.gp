# Test error against the epoch and against the number of unfoldings.
set output ARG2 . "." . ARG3
data = ARG1 . "curves.csv"
set multiplot layout 1,2 title "MNIST, unfoldings of ML-ISTA at equal parameters (B Fig. 3b)"
set xlabel "training epoch"
set ylabel "test error, %"
set logscale y
set format y "%g"
set ytics add (0.5, 1, 2, 3, 5, 10, 20, 30, 50, 100)
set key top right title "unfoldings"
unfolded(t) = (column("unfoldings") == t ? column("epoch") : NaN)
plot for [t=0:6] data using (unfolded(t)):"test_error_percent":(100-column("upper_percent")):(100-column("lower_percent")) \
  with yerrorlines lt t+1 pt 7 ps 0.6 title sprintf("%d", t)
unset logscale y
set xlabel "unfoldings"
set ylabel "test error, %, mean of the last epochs"
set xrange [-0.5:6.5]
set yrange [0:*]
set key off
plot ARG1 . "error_against_unfoldings.csv" using "unfoldings":"test_error_percent":"lower_percent":"upper_percent" with yerrorlines lt 1 pt 7
unset multiplot
