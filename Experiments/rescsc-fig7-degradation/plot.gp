# R's panels A, B and C (test accuracy against the epoch: the models at 56 layers, Res-CSC at all
# depths, Res-CSC against ResNet), below them the training accuracy of A's networks and what the last
# epochs reach against the depth. All panels have the same axis. B and C need two depths of Res-CSC.
# Rows of other curves are left out of a line, they do not break it. On the right stands what the
# profile `standard` stored of the same networks.
set datafile missing NaN
curves = ARG1 . "curves.csv"
networks = ARG1 . "networks.csv"
array models[4] = ["Plain", "Res-CSC-Simplified", "ResNet", "Res-CSC"]
array colours[4] = [8, 1, 2, 3]
# Depths in increasing order; those of Res-CSC; the three deepest that ResNet has too.
stats networks using "layers" nooutput
# Before anything is trained there is nothing to draw.
if (!exists("STATS_min")) { exit }
set output ARG2 . "." . ARG3
least = int(STATS_min)
most = int(STATS_max)
deep = (most > 56 ? 56 : most)
has(m, n) = strcol("model") eq models[m] && int(column("layers")) == n
depths = ""
refined = ""
compared = ""
do for [n=least:most:6] {
  seen = 0
  array there[4] = [0, 0, 0, 0]
  look(m) = (has(m, n) ? (seen = 1, there[m] = 1, 0) : 0)
  do for [m=1:4] { stats networks using (look(m)) nooutput }
  if (seen) { depths = depths . sprintf(" %d", n) }
  if (there[4]) { refined = refined . sprintf(" %d", n) }
  if (there[3] && there[4]) { compared = compared . sprintf(" %d", n) }
}
last(n) = word(compared, words(compared) - n)
if (words(compared) > 3) { compared = last(2) . " " . last(1) . " " . last(0) }
columns = (words(refined) > 1 ? 3 : 2)
# The axis reaches to the highest mean and interval; the linear classifier is on it where it is known.
highest = 0
higher(v) = (v > highest ? (highest = v, 0) : 0)
known = 0
pixels(unused) = (strcol("points_over_pixels") eq "" ? 0 : \
  (known = 1, linear = column("test_accuracy_percent") - column("points_over_pixels"), higher(linear)))
stats networks using (pixels(0)) nooutput
stats networks using (higher(column("training_accuracy_percent")), higher(column("test_accuracy_percent")), 0) nooutput
upper(unused) = (strcol("upper_percent") eq "" || column("upper_percent") > 100 ? 0 : higher(column("upper_percent")))
stats networks using (upper(0)) nooutput
# How many of the four models have the deep network: R's panel A has them and the shallow plain one.
deeps = 0
count(unused) = (int(column("layers")) == deep ? (deeps = deeps + 1, 0) : 0)
stats networks using (count(0)) nooutput
dashed = (least == deep ? 0 : deeps == 4 ? 1 : 4)
stats curves using "epoch" nooutput
epochs = int(STATS_max)
# The intervals of one epoch stand side by side; of many epochs each curve has its own.
nth = ceil(epochs / 7.0)
dot = (epochs > 20 ? 0 : 0.6)
wide = (epochs > 20 ? 1.2 : 2.2)
beside(m) = (dashed == 1 ? 0 : m)
dodged(k, all) = column("epoch") + 0.13 * (k - 0.5 * (all + 1))
line(m, n, k, all) = (has(m, n) ? dodged(k, all) : NaN)
bar(m, n, k, all) = (has(m, n) && strcol("lower_percent") ne "" && int(column("epoch")) % nth == int(k * nth / (all + 1.0)) ? \
  dodged(k, all) : NaN)
low(v) = (v < 0 ? 0 : v)
high(v) = (v > 100 ? 100 : v)
array shades[6] = [0x440154, 0x46579B, 0x26828E, 0x2FA46B, 0x8DB000, 0xE69F00]
# Where the depth n stands among all, in equal steps from the palette's one end to the other.
index(list, n) = int(sum [i=1:words(list)] (int(word(list, i)) <= n))
shade(n) = shades[words(depths) < 2 ? 1 : 1 + int(5.0 * (index(depths, n) - 1) / (words(depths) - 1))]
beside = (stored ne "")
set multiplot layout 2,(columns + beside) margins (beside ? 0.055 : 0.07),0.985,0.112,0.848 \
  spacing (columns == 3 ? (beside ? 0.04 : 0.05) : 0.075),0.125 \
  title "Plain, Res-CSC-Simplified, ResNet and Res-CSC networks (R Fig. 7)"
set yrange [0:(highest * 1.06 < 100 ? highest * 1.06 : 100)]
pad = (epochs > 20 ? 0.03 * epochs : 0.6)
set xrange [1 - pad:epochs + pad]
epoch_tics = (epochs <= 10 ? 1 : 5)
if (epochs <= 20) { set xtics epoch_tics }
set tics font ",13"
set title font ",13" offset 0,-0.5
set ylabel "accuracy, %" offset 1 font ",13"
set xlabel "training epoch" offset 0,0.5 font ",13"
if (known) { set label 1 "linear classifier on the pixels" at graph 0.05,first linear left offset 0,0.5 font ",11" }
set key at screen 0.525,0.95 center top vertical maxrows 1 font ",13"
set title sprintf("%stest, %d layers%s", (columns == 3 ? "A: " : ""), deep, \
  (dashed == 0 ? "" : sprintf("; dashes: %d", least)))
plot for [k=1:known] linear with lines lc rgb "black" lw 1.5 dt 3 notitle, \
  for [m=1:4] keyentry with linespoints lt colours[m] pt 7 ps 0.8 title models[m], \
  for [m=1:dashed] curves using (line(m, least, beside(m), 4)):"test_accuracy_percent" \
    with linespoints lt colours[m] lw 1.2 dt 2 pt 6 ps dot notitle, \
  for [m=1:dashed] curves using (bar(m, least, beside(m), 4)):"test_accuracy_percent":(low(column("lower_percent"))):(high(column("upper_percent"))) \
    with yerrorbars lt colours[m] lw 1 pt 6 ps 0.6 notitle, \
  for [m=1:4] curves using (line(m, deep, m, 4)):"test_accuracy_percent" \
    with linespoints lt colours[m] lw wide pt 7 ps dot notitle, \
  for [m=1:4] curves using (bar(m, deep, m, 4)):"test_accuracy_percent":(low(column("lower_percent"))):(high(column("upper_percent"))) \
    with yerrorbars lt colours[m] lw 1.3 pt 7 ps 0.6 notitle
unset label 1
if (columns == 3) {
  unset ylabel
  set key default
  set key box lc rgb "#CCCCCC" opaque samplen 2 spacing 1 bottom right font ",11"
  set title "B: test, Res-CSC, by layers"
  all = words(refined)
  plot for [k=1:known] linear with lines lc rgb "black" lw 1.5 dt 3 notitle, \
    for [n in refined] curves using (line(4, n + 0, index(refined, n + 0), all)):"test_accuracy_percent" \
      with linespoints lc rgb shade(n + 0) lw wide pt 7 ps dot title n, \
    for [n in refined] curves using (bar(4, n + 0, index(refined, n + 0), all)):"test_accuracy_percent":(low(column("lower_percent"))):(high(column("upper_percent"))) \
      with yerrorbars lc rgb shade(n + 0) lw 1.3 pt 7 ps 0.6 notitle
  # ResNet and Res-CSC by colour, the depth by dashes: the deepest is solid.
  set title "C: test, ResNet and Res-CSC"
  depth(n) = words(compared) + 1 - index(compared, n)
  slot(m, n) = 2 * index(compared, n) - (4 - m)
  all = 2 * words(compared)
  plot for [k=1:known] linear with lines lc rgb "black" lw 1.5 dt 3 notitle, \
    for [n in compared] keyentry with lines lt 7 dt depth(n + 0) title n, \
    for [n in compared] for [m=3:4] curves using (line(m, n + 0, slot(m, n + 0), all)):"test_accuracy_percent" \
      with linespoints lt colours[m] lw wide dt depth(n + 0) pt 7 ps dot notitle, \
    for [n in compared] for [m=3:4] curves using (bar(m, n + 0, slot(m, n + 0), all)):"test_accuracy_percent":(low(column("lower_percent"))):(high(column("upper_percent"))) \
      with yerrorbars lt colours[m] lw 1.3 pt 7 ps 0.6 notitle
}
unset key
unset ylabel
if (beside) {
  larger_curves = stored . "curves.csv"
  larger_networks = stored . "networks.csv"
  # What lies outside of an axis that was set is not counted.
  set yrange [*:*]
  stats larger_curves using "epoch" nooutput
  larger_epochs = int(STATS_max)
  run(unused) = (strcol("test_accuracy_percent") eq "" ? NaN : column("layers"))
  stats larger_networks using (run(0)) nooutput
  larger_least = int(STATS_min)
  larger_most = int(STATS_max)
  larger_deep = (larger_most > 56 ? 56 : larger_most)
  set yrange [0:100]
  set xrange [0.4:larger_epochs + 0.6]
  set xtics autofreq
  set title sprintf("standard: test, %d layers; dashes: %d", larger_deep, larger_least)
  curve(m, n) = (has(m, n) ? column("epoch") : NaN)
  plot for [m=1:4] larger_curves using (curve(m, larger_least)):"test_accuracy_percent" with lines lt colours[m] lw 1.2 dt 2, \
    for [m=1:4] larger_curves using (curve(m, larger_deep)):"test_accuracy_percent" with lines lt colours[m] lw 2.2
  set yrange [0:(highest * 1.06 < 100 ? highest * 1.06 : 100)]
  set xrange [1 - pad:epochs + pad]
  if (epochs <= 20) { set xtics epoch_tics }
}
if (columns == 3) { set ylabel "accuracy, %" offset 1 font ",13" } else { unset ylabel }
set title sprintf("training, %d layers%s", deep, (dashed == 0 ? "" : sprintf("; dashes: %d", least)))
plot for [m=1:dashed] curves using (line(m, least, beside(m), 4)):"training_accuracy_percent" \
    with linespoints lt colours[m] lw 1.2 dt 2 pt 6 ps dot, \
  for [m=1:4] curves using (line(m, deep, m, 4)):"training_accuracy_percent" with linespoints lt colours[m] lw wide pt 7 ps dot
set logscale x 2
set xrange [least / 1.25:most * 1.25]
set xtics ()
do for [n in depths] { eval sprintf("set xtics add ('%s' %s)", n, n) }
set xlabel "layers"
aside(m) = (strcol("model") eq models[m] ? column("layers") * 1.035**(m - 2.5) : NaN)
spanned(m) = (strcol("lower_percent") eq "" ? NaN : aside(m))
if (columns == 3) { unset ylabel } else { set ylabel "accuracy, %" offset 1 font ",13" }
set title "test, mean of the last epochs"
plot for [k=1:known] linear with lines lc rgb "black" lw 1.5 dt 3, \
  for [m=1:4] networks using (aside(m)):"test_accuracy_percent" smooth unique with linespoints lt colours[m] pt 7 ps 0.8, \
  for [m=1:4] networks using (spanned(m)):"test_accuracy_percent":(low(column("lower_percent"))):(high(column("upper_percent"))) \
    with yerrorbars lt colours[m] lw 1.5 pt 7 ps 0.8
unset ylabel
set title "training, last epoch"
plot for [m=1:4] networks using (aside(m)):"training_accuracy_percent" smooth unique with linespoints lt colours[m] pt 7 ps 0.8
if (beside) {
  set xrange [larger_least / 1.25:larger_most * 1.25]
  set xtics ()
  set yrange [*:*]
  do for [n=larger_least:larger_most:6] {
    seen(unused) = (int(column("layers")) == n && strcol("test_accuracy_percent") ne "" ? 1 : NaN)
    stats larger_networks using (seen(0)) nooutput
    if (exists("STATS_records") && STATS_records > 0) { eval sprintf("set xtics add ('%d' %d)", n, n) }
  }
  set yrange [0:100]
  set title "standard: test, mean of the last epochs"
  plot for [m=1:4] larger_networks using (aside(m)):"test_accuracy_percent" smooth unique with linespoints lt colours[m] pt 7 ps 0.8, \
    for [m=1:4] larger_networks using (spanned(m)):"test_accuracy_percent":(low(column("lower_percent"))):(high(column("upper_percent"))) \
      with yerrorbars lt colours[m] lw 1.5 pt 7 ps 0.8
}
unset multiplot
