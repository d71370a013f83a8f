# Test accuracy against the epoch; a second panel where SVHN was given.
set output ARG2 . "." . ARG3
array models[4] = ["Feed-Forward", "Layered BP", "ML-ISTA", "ML-FISTA"]
array colours[4] = [8, 1, 2, 3]
svhn = ARG1 . "curves_svhn.csv"
panels = (system("test -f '" . svhn . "' && echo 2 || echo 1") + 0)
stats ARG1 . "curves_cifar10.csv" using "epoch" nooutput
if (STATS_max <= 20) { set xtics 1 }
set offsets 0.1, 0.1, 0, 0
set multiplot layout 1,panels title "Four models of equal parameters (B Fig. 4)"
set xlabel "training epoch"
set ylabel "test accuracy, %"
set yrange [0:*]
set offsets 0.1, 0.1, graph 0.25, 0
set key top left
pick(i) = (strcol("model") eq models[i] ? column("epoch") : NaN)
set title "CIFAR-10"
plot for [i=1:4] ARG1 . "curves_cifar10.csv" using (pick(i)):"test_accuracy_percent":"lower_percent":"upper_percent" \
  with yerrorlines lt colours[i] pt 7 ps 0.6 title models[i]
if (panels == 2) {
  set title "SVHN, as given"
  plot for [i=1:4] svhn using (pick(i)):"test_accuracy_percent":"lower_percent":"upper_percent" \
    with yerrorlines lt colours[i] pt 7 ps 0.6 title models[i]
}
unset multiplot
