# Test accuracy against the epoch: MSD-CSC by unfoldings, and beside feed-forward and ML-CSC networks.
set output ARG2 . "." . ARG3
curves = ARG1 . "curves.csv"
stats curves using (strcol("model")[1:3] eq "MSD" ? column("layers") : NaN) nooutput
deepest = int(STATS_max)
pick(m, d, u) = (strcol("model") eq m && column("layers") == d && column("unfoldings") == u ? column("epoch") : NaN)
stats curves using "epoch" nooutput
pad = (STATS_max > STATS_min ? 0.03 * (STATS_max - STATS_min) : 0.5)
if (STATS_max <= 20) { set xtics 1 }
# Empty with one seed: then the points stand without intervals.
spanned(c) = (strcol("lower_percent") eq "" ? NaN : column(c))
# A point that is not seen: a panel whose networks were not trained stays empty and is no error.
unseen = '"+" using (STATS_min):(0) every ::::0 with points lc rgb "#ffffffff" notitle'
set multiplot layout 1,2 title sprintf("MSD-CSC of %d layers (R Fig. 8)", deepest)
set xlabel "training epoch"
set ylabel "test accuracy, %"
set key bottom right
set xrange [STATS_min - pad:STATS_max + pad]
set yrange [*<0:*]
array left[4] = ["MSDNet", "MSD-CSC-ISTA", "MSD-CSC-ISTA", "MSD-CSC-FISTA"]
array unfolded[4] = [0, 1, 2, 2]
array labels[4] = ["MSDNet (none)", "ISTA, 1", "ISTA, 2", "FISTA, 2"]
array right[4] = ["Feed-Forward", "ML-CSC-ISTA", "ML-CSC-FISTA", "MSD-CSC-FISTA"]
array beside[4] = [0, 2, 2, 2]
array depths[4] = [6, 6, 6, deepest]
array colours[4] = [8, 1, 2, 3]
array shapes[4] = [6, 6, 6, 7]
shifted(x, i) = x + 0.25 * pad * (i - 2.5)
set title "by unfoldings, equal parameters"
plot @unseen, for [i=1:4] curves using (shifted(pick(left[i], deepest, unfolded[i]), i)):"test_accuracy_percent" \
    with linespoints lt colours[i] pt 7 ps 0.7 title labels[i], \
  for [i=1:4] curves using (shifted(pick(left[i], deepest, unfolded[i]), i)):(spanned("test_accuracy_percent")):"lower_percent":"upper_percent" \
    with yerrorbars lt colours[i] pt 7 ps 0.7 notitle
set title "beside networks of 4.0 M parameters"
plot @unseen, for [i=1:4] curves using (shifted(pick(right[i], depths[i], beside[i]), i)):"test_accuracy_percent" \
    with linespoints lt colours[i] pt shapes[i] ps 0.7 title sprintf("%s%s", right[i], i == 1 ? "" : ", 2"), \
  for [i=1:4] curves using (shifted(pick(right[i], depths[i], beside[i]), i)):(spanned("test_accuracy_percent")):"lower_percent":"upper_percent" \
    with yerrorbars lt colours[i] pt shapes[i] ps 0.7 notitle
unset multiplot
