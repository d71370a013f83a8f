# Test error against the epoch and against the number of unfoldings.
set output ARG2 . "." . ARG3
data = ARG1 . "curves.csv"
summary = ARG1 . "error_against_unfoldings.csv"
stats summary using "first_filters_scale" nooutput
first = STATS_min
second = STATS_max
stats data using "epoch" nooutput
if (STATS_max <= 20) { set xtics 1 }
stats data using "test_error_percent" nooutput
set yrange [0.5*STATS_min:100]
set offsets 0.1, 0.1, 0, 0
# With one seed there are no intervals; none ends below the logarithmic axis.
low(v) = (v < 0.2 ? 0.2 : v)
spanned(c) = (strcol("lower_percent") eq "" ? NaN : column(c))
set multiplot layout 1,2 title "MNIST, unfoldings of ML-ISTA at equal parameters (B Fig. 3b)"
set xlabel "training epoch"
set ylabel "test error, %"
set logscale y
set format y "%g"
set ytics add (0.5, 1, 2, 3, 5, 10, 20, 30, 50, 100)
set title sprintf("first filters %g/√(fan-in)", first)
set key top right title "unfoldings"
unfolded(t) = (column("first_filters_scale") == first && column("unfoldings") == t ? column("epoch") : NaN)
plot for [t=0:6] data using (unfolded(t)):"test_error_percent" with linespoints lt t+1 pt 7 ps 0.6 title sprintf("%d", t), \
  for [t=0:6] data using (unfolded(t)):(spanned("test_error_percent")):(low(100-column("upper_percent"))):(100-column("lower_percent")) \
  with yerrorbars lt t+1 pt 7 ps 0.6 notitle
set xlabel "unfoldings"
set xtics 1
set ylabel "test error, %, mean of the last epochs"
set xrange [-0.5:6.5]
set title "two starts of training"
set key top left title "first filters"
from(s) = (column("first_filters_scale") == s ? column("unfoldings") : NaN)
plot summary using (from(first)):"test_error_percent" with linespoints lt 1 pt 7 title sprintf("%g/√(fan-in)", first), \
  summary using (second > first ? from(second) : NaN):"test_error_percent" with linespoints lt 7 pt 6 title (second > first ? sprintf("%g/√(fan-in), B's text", second) : ""), \
  summary using (from(first)):(spanned("test_error_percent")):(low(column("lower_percent"))):"upper_percent" with yerrorbars lt 1 pt 7 notitle, \
  summary using (second > first ? from(second) : NaN):(spanned("test_error_percent")):(low(column("lower_percent"))):"upper_percent" with yerrorbars lt 7 pt 6 notitle
unset multiplot
