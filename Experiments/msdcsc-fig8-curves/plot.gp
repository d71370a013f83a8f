# R's panels A and B: test accuracy against the epoch of MSD-CSC by unfoldings, and of MSD-CSC beside
# feed-forward and ML-CSC networks, where these were trained. Both have the same axis.
# Rows of other curves are left out of a line, they do not break it. On the right stands what the
# profile `standard` stored of panel A.
set datafile missing NaN
curves = ARG1 . "curves.csv"
networks = ARG1 . "networks.csv"
stats networks using "layers" nooutput
# Before anything is trained there is nothing to draw.
if (!exists("STATS_min")) { exit }
set output ARG2 . "." . ARG3
array left[4] = ["MSDNet", "MSD-CSC-ISTA", "MSD-CSC-ISTA", "MSD-CSC-FISTA"]
array unfolded[4] = [0, 1, 2, 2]
array labels[4] = ["0 (MSDNet)", "1 unfolding", "2, ISTA", "2, FISTA"]
array right[4] = ["Feed-Forward", "ML-CSC-ISTA", "ML-CSC-FISTA", "MSD-CSC-FISTA"]
array beside[4] = [0, 2, 2, 2]
array names[4] = ["feed-forward", "ML-CSC-ISTA", "ML-CSC-FISTA", "MSD-CSC-FISTA"]
array colours[4] = [8, 1, 2, 3]
array others[4] = [7, 4, 5, 3]
deepest = 6
deeper(unused) = (strcol("model")[1:3] eq "MSD" && column("layers") > deepest ? (deepest = int(column("layers")), 0) : 0)
stats networks using (deeper(0)) nooutput
# The axis reaches to the highest mean and interval; the linear classifier is on it where it is known.
highest = 0
higher(v) = (v > highest ? (highest = v, 0) : 0)
known = 0
plain = 0
look(unused) = (strcol("model")[1:2] eq "ML" || strcol("model") eq right[1] ? (plain = 1, 0) : 0, higher(column("test_accuracy_percent")), \
  strcol("points_over_pixels") eq "" ? 0 : \
    (known = 1, linear = column("test_accuracy_percent") - column("points_over_pixels"), higher(linear)), 0)
stats networks using (look(0)) nooutput
upper(unused) = (strcol("upper_percent") eq "" || column("upper_percent") > 100 ? higher(column("test_accuracy_percent")) : \
  higher(column("upper_percent")))
stats curves using (upper(0)) nooutput
stats curves using "epoch" nooutput
epochs = int(STATS_max)
# The intervals of one epoch stand side by side; of many epochs each curve has its own.
nth = ceil(epochs / 8.0)
dot = (epochs > 20 ? 0 : 0.7)
wide = (epochs > 20 ? 1.2 : 2.2)
pad = (epochs > 20 ? 0.03 * epochs : 0.6)
of(m, d, u) = strcol("model") eq m && int(column("layers")) == d && int(column("unfoldings")) == u
line(i, m, d, u) = (of(m, d, u) ? column("epoch") + 0.13 * (i - 2.5) : NaN)
bar(i, m, d, u) = (strcol("lower_percent") ne "" && int(column("epoch")) % nth == int(i * nth / 5.0) ? line(i, m, d, u) : NaN)
low(v) = (v < 0 ? 0 : v)
high(v) = (v > 100 ? 100 : v)
depth(i) = (i == 4 ? deepest : 6)
aside = (stored ne "")
set multiplot layout 1,(plain ? 2 : 1) + aside margins 0.08,0.985,0.125,0.785 spacing (aside ? 0.05 : 0.065) \
  title sprintf("MSD-CSC of %d layers (R Fig. 8%s)", deepest, deepest == 12 ? "" : ", which has 12")
set yrange [0:(highest * 1.06 < 100 ? highest * 1.06 : 100)]
set xrange [1 - pad:epochs + pad]
if (epochs <= 20) { set xtics 1 }
set xlabel "training epoch"
set ylabel "test accuracy, %"
if (known) { set label 1 "linear classifier on the pixels" at graph 0.03,first linear left offset 0,0.5 font ",12" }
set title "A: by unfoldings, equal parameters"
set key at screen (aside ? 0.21 : plain ? 0.29 : 0.53),0.945 center top vertical maxrows 2 font ",12"
plot for [k=1:known] linear with lines lc rgb "black" lw 1.5 dt 3 notitle, \
  for [i=1:4] curves using (line(i, left[i], deepest, unfolded[i])):"test_accuracy_percent" \
    with linespoints lt colours[i] lw wide pt 7 ps dot title labels[i], \
  for [i=1:4] curves using (bar(i, left[i], deepest, unfolded[i])):"test_accuracy_percent":(low(column("lower_percent"))):(high(column("upper_percent"))) \
    with yerrorbars lt colours[i] lw 1.4 pt 7 ps 0.7 notitle
if (plain) {
  unset label 1
  unset ylabel
  set key at screen (aside ? 0.53 : 0.775),0.945
  set title "B: two unfoldings, beside other networks"
  plot for [k=1:known] linear with lines lc rgb "black" lw 1.5 dt 3 notitle, \
    for [i=1:4] curves using (line(i, right[i], depth(i), beside[i])):"test_accuracy_percent" \
      with linespoints lt others[i] lw wide pt 7 ps dot title names[i], \
    for [i=1:4] curves using (bar(i, right[i], depth(i), beside[i])):"test_accuracy_percent":(low(column("lower_percent"))):(high(column("upper_percent"))) \
      with yerrorbars lt others[i] lw 1.4 pt 7 ps 0.7 notitle
}
if (aside) {
  larger = stored . "curves.csv"
  stats larger using "epoch" nooutput
  largest = int(STATS_max)
  set yrange [0:100]
  set xrange [0.4:largest + 0.6]
  set xtics autofreq
  unset label 1
  unset ylabel
  unset key
  set title "standard: by unfoldings"
  curve(i) = (of(left[i], 6, unfolded[i]) ? column("epoch") : NaN)
  plot for [i=1:4] larger using (curve(i)):"test_accuracy_percent" with lines lt colours[i] lw 2.2
}
unset multiplot
