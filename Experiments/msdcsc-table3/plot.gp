# R's Table III and our accuracies at this profile, row by row, a panel an image set that was trained
# on. The axis is logarithmic in the error, so that the paper's numbers and ours can be read on one.
set output ARG2 . "." . ARG3
networks = ARG1 . "networks.csv"
array sets[3] = ["CIFAR10", "CIFAR100", "SVHN"]
array titles[3] = ["CIFAR-10", "CIFAR-100", "SVHN"]
array found[3] = [0, 0, 0]
array known[3] = [0, 0, 0]
array linear[3]
array rows[3] = [0, 0, 0]
has(c) = (strcol(c) ne "")
look(i) = (strcol("data") ne sets[i] ? 0 : (rows[i] = rows[i] + 1, has("test_accuracy_percent") ? (found[i] = 1, \
  has("points_over_pixels") ? (known[i] = 1, linear[i] = column("test_error_percent") + column("points_over_pixels")) : 0, 0) : 0))
do for [i=1:3] { stats networks using (look(i)) nooutput }
# Before anything of ours is there, the paper's numbers on CIFAR-10 stand alone.
if (found[1] + found[2] + found[3] == 0) { found[1] = 1 }
panels = found[1] + found[2] + found[3]
# The rows of a set are numbered as they come; `start` begins anew before every plot of one.
count = 0
row(i) = (strcol("data") eq sets[i] ? (count = count + 1) : NaN)
start = '"+" using (count = 0, NaN):(NaN) every ::::0 notitle'
name(unused) = strcol("model") . ", " . strcol("layers") . (strcol("unfoldings") eq "0" ? " layers" : " layers, " . \
  strcol("unfoldings") . (strcol("unfoldings") eq "1" ? " unfolding" : " unfoldings"))
filled(c) = (has(c) ? 100 - column(c) : NaN)
spanned(unused) = (has("lower_percent") ? filled("test_accuracy_percent") : NaN)
# An interval to 0 or 100 % and beyond ends at the axis.
top = 3
low(v) = (v < 100 ? v : 100)
high(v) = (v > top ? v : top)
set multiplot layout 1,panels margins 0.34,0.975,0.125,0.84 spacing 0.03 title "Accuracies by model (R Table III)"
set logscale x
set xrange [100:top]
set xtics ("0" 100, "40" 60, "60" 40, "80" 20, "90" 10, "95" 5) font ",13"
if (panels == 1) { set xtics add ("20" 80, "70" 30, "85" 15, "93" 7, "97" 3) }
set xlabel (panels == 1 ? "test accuracy, % (logarithmic in the error)" : "accuracy, % (log of error)") font ",13"
set ytics 1
set format y ""
set key at screen 0.66,0.945 center top vertical maxrows 1 font ",13"
do for [i=1:3] {
  if (found[i]) {
    set title titles[i]
    set yrange [rows[i] + 0.6:0.4]
    if (known[i]) {
      set arrow 1 from linear[i],graph 0 to linear[i],graph 1 nohead lc rgb "black" lw 1.5 dt 3
      set label 1 (panels == 1 ? "linear classifier on the pixels" : "linear on pixels") at linear[i],graph 0.02 left offset 0.7,0 font ",11"
    }
    first = (i == 1 || panels == 1 ? 1 : 0)
    plot @start, for [k=1:first] networks using (100):(row(i)):(name(0)) with labels right offset -1,0 font ",12" notitle, \
      @start, networks using (filled("paper_percent")):(row(i)) with points lt 1 pt 6 ps 1.3 title "the paper", \
      @start, networks using (filled("test_accuracy_percent")):(row(i)) with points lt 2 pt 7 ps 1.1 title "ours, at the scale below", \
      @start, networks using (spanned(0)):(row(i)):(high(100 - column("upper_percent"))):(low(100 - column("lower_percent"))) \
        with xerrorbars lt 2 pt 7 ps 1.1 notitle
    unset key
    unset arrow 1
    unset label 1
  }
}
unset multiplot
