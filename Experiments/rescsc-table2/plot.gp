# R's Table II and our accuracies at this profile against the depth, a panel an image set that was
# trained on. The axis is logarithmic in the error, so that the paper's numbers and ours can be read
# on one.
# Rows of other curves are left out of a line, they do not break it.
set datafile missing NaN
set output ARG2 . "." . ARG3
networks = ARG1 . "networks.csv"
array models[4] = ["Plain", "Res-CSC-Simplified", "ResNet", "Res-CSC"]
array colours[4] = [8, 1, 2, 3]
array sets[5] = ["CIFAR10", "CIFAR100", "SVHN", "CIFAR100 (24k subset)", "SVHN (10k subset)"]
array titles[5] = ["CIFAR-10: the paper (dashed) and ours", "CIFAR-100: the paper (dashed) and ours", \
  "SVHN: the paper (dashed) and ours", "CIFAR-100, 24,000 images: ours", "SVHN, 10,000 digits: ours"]
array classes[5] = [10, 100, 10, 100, 10]
array found[5] = [0, 0, 0, 0, 0]
array known[5] = [0, 0, 0, 0, 0]
array linear[5]
has(c) = (strcol(c) ne "")
# Ticks at the depths that the table or ours have.
depths = ""
collect(n) = (strstrt(depths . " ", " " . n . " ") ? 0 : (depths = depths . " " . n, 0))
look(i) = (strcol("data") ne sets[i] ? 0 : (collect(strcol("layers")), has("test_accuracy_percent") ? (found[i] = 1, \
  has("points_over_pixels") ? (known[i] = 1, linear[i] = column("test_error_percent") + column("points_over_pixels")) : 0, 0) : 0))
do for [i=1:5] { stats networks using (look(i)) nooutput }
panels = sum [i=1:5] found[i]
# Before anything of ours is there, the paper's numbers on CIFAR-10 stand alone.
if (panels == 0) { found[1] = 1; panels = 1 }
stats networks using "layers" nooutput
least = STATS_min
most = STATS_max
of(i, m) = strcol("data") eq sets[i] && strcol("model") eq models[m]
dodged(m) = column("layers") * 1.03**(m - 2.5)
printed(i, m) = (of(i, m) && has("paper_percent") && strcol("paper_percent") ne "×" ? dodged(m) : NaN)
untrainable(i, m) = (of(i, m) && strcol("paper_percent") eq "×" ? dodged(m) : NaN)
ours(i, m, c) = (of(i, m) && has(c) ? dodged(m) : NaN)
# An interval to 0 % and below ends at the axis.
top = 2.5
low(v) = (v < 100 ? v : 100)
high(v) = (v > top ? v : top)
set multiplot layout 1,panels margins 0.085,0.985,0.125,0.82 spacing 0.06 title "Accuracies against the depth (R Table II)"
set xlabel "layers"
set ylabel "test accuracy, % (logarithmic in the error)"
set logscale xy
set xrange [least / 1.15:most * 1.15]
set xtics ()
do for [n in depths] { eval sprintf("set xtics add ('%s' %s)", n, n) }
set yrange [100:top]
set ytics ("0" 100, "20" 80, "40" 60, "60" 40, "70" 30, "80" 20, "85" 15, "90" 10, "93" 7, "95" 5, "97" 3)
set key at screen 0.535,0.945 center top vertical maxrows 1 font ",13"
do for [i=1:5] {
  if (found[i]) {
    set title titles[i] font (panels > 2 ? ",12" : ",14")
    if (known[i]) { set label 1 "linear classifier on the pixels" at graph 0.575,first linear[i] center offset 0,0.5 font ",12" }
    chance = 100 - 100.0 / classes[i]
    if (i <= 3) { set label 2 "× the paper: cannot be trained (drawn at chance)" at graph 0.985,first chance right offset 0,0.8 font ",12" } else { unset label 2 }
    plot for [k=1:known[i]] linear[i] with lines lc rgb "black" lw 1.5 dt 3 notitle, \
      for [m=1:4] keyentry with linespoints lt colours[m] pt 7 ps 0.9 title models[m], \
      for [m=1:4] networks using (printed(i, m)):(100 - column("paper_percent")) smooth unique \
        with linespoints lt colours[m] lw 1.5 dt 2 pt 6 ps 0.9 notitle, \
      for [m=1:4] networks using (untrainable(i, m)):(chance) with points lt colours[m] pt 2 ps 1.1 notitle, \
      for [m=1:4] networks using (ours(i, m, "test_accuracy_percent")):"test_error_percent" smooth unique \
        with linespoints lt colours[m] pt 7 ps 0.9 notitle, \
      for [m=1:4] networks using (ours(i, m, "lower_percent")):"test_error_percent":(high(100 - column("upper_percent"))):(low(100 - column("lower_percent"))) \
        with yerrorbars lt colours[m] pt 7 ps 0.9 notitle
    unset key
    unset label 1
    unset ylabel
  }
}
unset multiplot
