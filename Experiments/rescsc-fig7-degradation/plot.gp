# Test and training accuracy against the epoch, then the accuracies after the last epoch against the
# depth; where there are more than two depths, a second picture with the curves of R's panels B and C.
set output ARG2 . "." . ARG3
curves = ARG1 . "curves.csv"
depths = ARG1 . "depths.csv"
array models[4] = ["Plain", "Res-CSC-Simplified", "ResNet", "Res-CSC"]
array colours[4] = [8, 1, 2, 3]
stats depths using "layers" nooutput
deepest = int(STATS_max)
shallow = int(STATS_min)
shown = (deepest > 56 ? 56 : deepest)
pick(i, n) = (strcol("model") eq models[i] && column("layers") == n ? column("epoch") : NaN)
place(i) = (strcol("model") eq models[i] ? column("layers") : NaN)
set multiplot layout 2,2 title "Plain, Res-CSC-Simplified, ResNet and Res-CSC networks (R Fig. 7)"
set xlabel "training epoch"
set ylabel "test accuracy, %"
set title sprintf("test: %d layers (lines), %d (dashes)", shown, shallow)
unset key
plot for [i=1:4] curves using (pick(i, shown)):"test_accuracy_percent":"lower_percent":"upper_percent" \
    with yerrorlines lt colours[i] dt 1 pt 7 ps 0.6, \
  for [i=1:4] curves using (pick(i, shallow)):"test_accuracy_percent" \
    with linespoints lt colours[i] dt 2 pt 6 ps 0.6
set ylabel "training accuracy, %"
set title sprintf("training: %d layers (lines), %d (dashes)", shown, shallow)
plot for [i=1:4] curves using (pick(i, shown)):"training_accuracy_percent" \
    with linespoints lt colours[i] dt 1 pt 7 ps 0.6, \
  for [i=1:4] curves using (pick(i, shallow)):"training_accuracy_percent" \
    with linespoints lt colours[i] dt 2 pt 6 ps 0.6
set xlabel "layers"
set ylabel "test error, %"
set title "test error after the last epoch"
set logscale x 2
set xrange [shallow / 1.2:deepest * 1.2]
set xtics (8, 14, 20, 32, 44, 56, 110, 218)
plot for [i=1:4] depths using (place(i) * 1.02**(i - 2.5)):"test_error_percent":(100 - column("test_upper_percent")):(100 - column("test_lower_percent")) \
    with yerrorlines lt colours[i] pt 7 ps 0.8
set ylabel "training error, %"
set title "training error in the last epoch"
set key at graph 0.84, graph 0.70 top right font ",13" spacing 1.0 nobox
set yrange [0:100]
plot for [i=1:4] depths using (place(i) * 1.02**(i - 2.5)):"training_error_percent":(100 - column("training_upper_percent")):(100 - column("training_lower_percent")) \
    with yerrorlines lt colours[i] pt 7 ps 0.8 title models[i]
unset multiplot
if (deepest > 56) {
  set output ARG2 . "-depths." . ARG3
  unset logscale x
  set xrange [*:*]
  set xtics auto
  set yrange [*:*]
  set xlabel "training epoch"
  set ylabel "test accuracy, %"
  set key bottom right
  set multiplot layout 1,2 title "Res-CSC and ResNet at all depths (R Fig. 7 B, C)"
  set title "Res-CSC"
  plot for [n in "20 32 44 56 110 218"] curves using (pick(4, n + 0)):"test_accuracy_percent" \
    with lines title n . " layers"
  set title "ResNet (dashes), Res-CSC (lines)"
  plot for [n in "56 110 218"] curves using (pick(4, n + 0)):"test_accuracy_percent" \
      with lines title "Res-CSC-" . n, \
    for [n in "56 110 218"] curves using (pick(3, n + 0)):"test_accuracy_percent" \
      with lines dt 2 title "ResNet-" . n
  unset multiplot
}
