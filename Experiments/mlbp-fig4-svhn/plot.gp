# Test accuracy against the epoch and every seed after the last; a second panel where SVHN was given.
set output ARG2 . "." . ARG3
array models[4] = ["Feed-Forward", "Layered BP", "ML-ISTA", "ML-FISTA"]
array colours[4] = [8, 1, 2, 3]
array sets[2] = ["cifar10", "svhn"]
array names[2] = ["CIFAR-10", "SVHN, as given"]
svhn = ARG1 . "curves_svhn.csv"
# Rows below the heading.
given = (system("test -f '" . svhn . "' && tail -n +2 '" . svhn . "' | grep -c . || echo 0") + 0)
panels = (given > 0 ? 2 : 1)
stats ARG1 . "curves_cifar10.csv" using "epoch" nooutput
last = STATS_max
step = (last > STATS_min ? (panels == 2 ? 0.018 : 0.012) * (last - STATS_min) : 0.05)
if (last <= 20) { set xtics 1 }
set xrange [STATS_min - 6 * step:last + 12 * step]
pick(i, c) = (strcol("model") eq models[i] ? column(c) + step * (i - 2.5) : NaN)
seed(i) = (strcol("model") eq models[i] ? last + step * (5 + i) : NaN)
# An interval that seeds trained and untrained widen below 0 % ends at 0 and is marked; with one seed
# there is none.
spanned(c) = (strcol("lower_percent") eq "" ? NaN : column(c))
low(c) = (column(c) < 0 ? 0 : column(c))
high(c) = (column(c) > 100 ? 100 : column(c))
cut(i) = (strcol("model") eq models[i] && strcol("lower_percent") ne "" && column("lower_percent") < 0 ? 0 : NaN)
set multiplot layout 1,panels title "Four models of equal parameters (B Fig. 4)"
set xlabel "training epoch"
set ylabel "test accuracy, %; bars: 95 % interval of the mean"
set yrange [0:*]
set offsets 0, 0, graph (panels == 2 ? 0.42 : 0.38), 0
set key top left font ",13" spacing 1.05
do for [p=1:panels] {
  curves = ARG1 . "curves_" . sets[p] . ".csv"
  seeds = ARG1 . "accuracies_" . sets[p] . ".csv"
  set title names[p]
  plot for [i=1:4] curves using (pick(i, "epoch")):"test_accuracy_percent" with linespoints lt colours[i] pt 7 ps 0.6 title models[i], \
    for [i=1:4] curves using (pick(i, "epoch")):(spanned("test_accuracy_percent")):(low("lower_percent")):(high("upper_percent")) \
      with yerrorbars lt colours[i] pt 7 ps 0.6 notitle, \
    for [i=1:4] curves using (pick(i, "epoch")):(cut(i)) with points lt colours[i] pt 11 ps 1.4 notitle, \
    for [i=1:4] seeds using (seed(i)):"final_test_accuracy_percent" with points lt colours[i] lw 1.5 pt 6 ps 1.1 notitle, \
    NaN with points lt 7 lw 1.5 pt 6 ps 1.1 title "single seeds, last epoch", \
    NaN with points lt 7 pt 11 ps 1.4 title "interval runs below 0 %"
}
unset multiplot
