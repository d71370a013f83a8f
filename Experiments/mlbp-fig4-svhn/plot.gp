# Test accuracy against the epoch, and what the last epochs reach, a row an image set: SVHN, as B has
# it, or a part of it, where it was trained on, and CIFAR-10. All panels have the same axis.
set output ARG2 . "." . ARG3
curves = ARG1 . "curves.csv"
networks = ARG1 . "networks.csv"
trainings = ARG1 . "trainings.csv"
array models[4] = ["Feed-Forward", "Layered BP", "ML-ISTA", "ML-FISTA"]
array colours[4] = [8, 1, 2, 3]
array known[3] = [0, 0, 0]
array linear[3]
array sets[3] = ["SVHN", "SVHN (10k subset)", "CIFAR-10"]
array found[3] = [0, 0, 0]
array epochs[3]
highest = 0
higher(v) = (v > highest ? (highest = v) : 0)
look(i) = (strcol("data") ne sets[i] ? 0 : (found[i] = 1, \
  higher(strcol("upper_percent") eq "" || column("upper_percent") > 100 ? column("test_accuracy_percent") : column("upper_percent")), \
  strcol("points_over_pixels") eq "" ? 0 : \
    (known[i] = 1, linear[i] = column("test_accuracy_percent") - column("points_over_pixels"), higher(linear[i])), 0))
do for [i=1:3] {
  stats networks using (look(i)) nooutput
  stats curves using (strcol("data") eq sets[i] ? column("epoch") : 0) nooutput
  epochs[i] = int(STATS_max)
}
rows = sum [i=1:3] found[i]
# The intervals of one epoch stand side by side; of many epochs each curve has its own.
nth = 1
of(i, m) = strcol("data") eq sets[i] && strcol("model") eq models[m]
dodged(i, m) = (of(i, m) ? column("epoch") + 0.1 * (m - 2.5) : NaN)
spanned(i, m) = (strcol("lower_percent") ne "" && int(column("epoch")) % nth == int(m * nth / 5.0) ? \
  dodged(i, m) : NaN)
# Seeds of which some are trained and some are not have an interval beyond what an accuracy can be.
low(v) = (v < 0 ? 0 : v)
high(v) = (v > 100 ? 100 : v)
set multiplot title (rows == 2 ? "Four models of equal parameters (B Fig. 4; slides)" : \
  found[1] + found[2] ? "Four models of equal parameters on SVHN (B Fig. 4)" : \
  "Four models of equal parameters on CIFAR-10 (slides; B Fig. 4 has SVHN)")
set yrange [0:(highest * 1.06 < 100 ? highest * 1.06 : 100)]
set ytics mirror
gap = 0.14
height = (0.705 - (rows - 1) * gap) / rows
row = 0
do for [i=1:3] {
  if (found[i]) {
    nth = ceil(epochs[i] / 8.0)
    dot = (epochs[i] > 20 ? 0 : 0.7)
    set tmargin at screen 0.83 - row * (height + gap)
    set bmargin at screen 0.83 - row * (height + gap) - height
    set lmargin at screen 0.075
    set rmargin at screen 0.63
    set title sets[i]
    set ylabel "test accuracy, %"
    set xlabel (row == rows - 1 ? "training epoch" : "")
    set xrange [1 - 0.6 * nth:epochs[i] + 0.6 * nth]
    if (epochs[i] <= 20) { set xtics 1 } else { set xtics auto }
    set key at screen 0.353,0.945 center top vertical maxrows 1 font ",13"
    if (row > 0) { unset key }
    if (known[i]) { set label 1 "linear classifier on the pixels" at graph 0.98,first linear[i] right offset 0,0.5 font ",12" }
    plot for [k=1:known[i]] linear[i] with lines lc rgb "black" lw 1.5 dt 3 notitle, \
      for [m=1:4] curves using (dodged(i, m)):"test_accuracy_percent" with linespoints lt colours[m] pt 7 ps dot title models[m], \
      for [m=1:4] curves using (spanned(i, m)):"test_accuracy_percent":(low(column("lower_percent"))):(high(column("upper_percent"))) \
        with yerrorbars lt colours[m] lw 1.5 pt 7 ps 0.7 notitle
    set lmargin at screen 0.69
    set rmargin at screen 0.98
    unset label 1
    set title (row == 0 ? "mean of the last epochs" : "")
    unset ylabel
    unset xlabel
    set xrange [0.5:4.5]
    set xtics ("Feed-\nForward" 1, "Layered\nBP" 2, "ML-\nISTA" 3, "ML-\nFISTA" 4)
    set key at screen 0.835,0.945 center top font ",13"
    if (row > 0) { unset key }
    plot for [k=1:known[i]] linear[i] with lines lc rgb "black" lw 1.5 dt 3 notitle, \
      for [m=1:4] trainings using (of(i, m) ? m + 0.2 : NaN):"mean_of_last_test_accuracy_percent" \
        with points lt colours[m] lw 1.5 pt 6 ps 0.9 notitle, \
      for [m=1:4] networks using (of(i, m) ? m - 0.1 : NaN):"test_accuracy_percent" with points lt colours[m] pt 7 ps 1.2 notitle, \
      for [m=1:4] networks using (of(i, m) && strcol("lower_percent") ne "" ? m - 0.1 : NaN):"test_accuracy_percent":(low(column("lower_percent"))):(high(column("upper_percent"))) \
        with yerrorbars lt colours[m] pt 7 ps 1.2 notitle, \
      keyentry with points lt 7 lw 1.5 pt 6 ps 0.9 title "single seeds"
    row = row + 1
  }
}
unset multiplot
