# Test and training accuracy against the epoch, then the accuracies after the last epoch against the
# depth; where there are more than two depths, a second picture with the curves of R's panels B and C.
# Rows of other curves are left out of a line, they do not break it.
set datafile missing NaN
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
# Empty with one seed: then the points stand without intervals.
spanned(c, lower) = (strcol(lower) eq "" ? NaN : column(c))
# Ticks at the depths that were trained.
found = ""
collect(n) = (n eq "layers" || strstrt(found . " ", " " . n . " ") ? 0 : (found = found . " " . n, 0))
stats depths using (collect(strcol("layers"))) nooutput
stats curves using "epoch" nooutput
pad = (STATS_max > STATS_min ? 0.03 * (STATS_max - STATS_min) : 0.5)
if (STATS_max <= 20) { set xtics 1 }
set xrange [STATS_min - pad:STATS_max + pad]
set multiplot layout 2,2 margins 0.085,0.975,0.095,0.85 spacing 0.1,0.18 title "Plain, Res-CSC-Simplified, ResNet and Res-CSC networks (R Fig. 7)"
set xlabel "training epoch"
set ylabel "test accuracy, %"
set title sprintf("test: %d layers (lines), %d (dashes)", shown, shallow)
set key at screen 0.5, 0.95 center top vertical maxrows 1 font ",13"
plot for [i=1:4] keyentry with linespoints lt colours[i] dt 1 pt 7 ps 0.6 title models[i], \
  for [i=1:4] curves using (pick(i, shown)):"test_accuracy_percent" \
    with linespoints lt colours[i] dt 1 pt 7 ps 0.6 notitle, \
  for [i=1:4] curves using (pick(i, shown)):(spanned("test_accuracy_percent", "lower_percent")):"lower_percent":"upper_percent" \
    with yerrorbars lt colours[i] dt 1 pt 7 ps 0.6 notitle, \
  for [i=1:4] curves using (pick(i, shallow)):"test_accuracy_percent" \
    with linespoints lt colours[i] dt 2 pt 6 ps 0.6 notitle
unset key
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
set xtics ()
do for [n in found] { eval sprintf("set xtics add ('%s' %s)", n, n) }
plot for [i=1:4] depths using (place(i) * 1.02**(i - 2.5)):"test_error_percent" smooth unique with linespoints lt colours[i] pt 7 ps 0.8, \
  for [i=1:4] depths using (place(i) * 1.02**(i - 2.5)):(spanned("test_error_percent", "test_lower_percent")):(100 - column("test_upper_percent")):(100 - column("test_lower_percent")) \
    with yerrorbars lt colours[i] pt 7 ps 0.8
set ylabel "training error, %"
set title "training error in the last epoch"
plot for [i=1:4] depths using (place(i) * 1.02**(i - 2.5)):"training_error_percent" smooth unique with linespoints lt colours[i] pt 7 ps 0.8, \
  for [i=1:4] depths using (place(i) * 1.02**(i - 2.5)):(spanned("training_error_percent", "training_lower_percent")):(100 - column("training_upper_percent")):(100 - column("training_lower_percent")) \
    with yerrorbars lt colours[i] pt 7 ps 0.8
unset multiplot
if (deepest > 56) {
  set output ARG2 . "-depths." . ARG3
  unset logscale x
  set xrange [*:*]
  set xtics auto
  set yrange [*:*]
  set xlabel "training epoch"
  set ylabel "test accuracy, %"
  set key default
  set key box lc rgb "#CCCCCC" opaque samplen 2 spacing 1.15 bottom right
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
