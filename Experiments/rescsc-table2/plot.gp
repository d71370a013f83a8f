# R's Table II on CIFAR-10 beside our accuracies at this profile, against the depth.
# Rows of other curves are left out of a line, they do not break it.
set datafile missing NaN
set output ARG2 . "." . ARG3
accuracies = ARG1 . "accuracies.csv"
array models[4] = ["Plain", "Res-CSC-Simplified", "ResNet", "Res-CSC"]
array colours[4] = [8, 1, 2, 3]
array sets[3] = ["CIFAR10", "CIFAR100", "SVHN"]
pick(i, s) = (strcol("model") eq models[i] && strcol("data") eq sets[s] ? column("layers") : NaN)
# Empty where a depth was not trained; without an interval where there is one seed.
filled(c) = (strcol(c) eq "" ? NaN : column(c))
spanned(c) = (strcol("ours_lower_percent") eq "" ? NaN : filled(c))
# The depths with an accuracy in a column, as a list.
depths = ""
collect(n) = (strstrt(depths . " ", " " . n . " ") ? 1 : (depths = depths . " " . n, 1))
present(c) = (strcol("data") eq sets[1] && strcol(c) ne "" ? collect(strcol("layers")) : 1)
set multiplot layout 1,2 title "Accuracies against the depth (R Table II)"
set xlabel "layers"
set ylabel "test accuracy, %"
set logscale x 2
do for [c in "paper_percent ours_mean_of_last_percent"] {
  depths = ""
  set xrange [*:*]
  set yrange [*:*]
  stats accuracies using (present(c)) nooutput
  least = 1e9
  most = 0
  set xtics ()
  do for [n in depths] {
    eval sprintf("set xtics add ('%s' %s)", n, n)
    if (n + 0 < least) { least = n + 0 }
    if (n + 0 > most) { most = n + 0 }
  }
  if (most == 0) { least = 20; most = 218 }
  set xrange [least / 1.15:most * 1.15]
  if (c eq "paper_percent") {
    set key bottom right
    set yrange [85:95]
    set title "the paper, CIFAR-10"
    plot for [i=1:4] accuracies using (pick(i, 1)):(filled(c)) smooth unique with linespoints lt colours[i] pt 6 title models[i]
  } else {
    set title "ours at this profile, CIFAR-10"
    unset key
    set yrange [*<0:*]
    # A point that is not seen: without trainings on CIFAR-10 the panel stays empty and is no error.
    plot "+" using (20):(0) every ::::0 with points lc rgb "#ffffffff", \
      for [i=1:4] accuracies using (pick(i, 1) * 1.02**(i - 2.5)):(filled(c)) smooth unique with linespoints lt colours[i] pt 7 ps 0.8, \
      for [i=1:4] accuracies using (pick(i, 1) * 1.02**(i - 2.5)):(spanned(c)):"ours_lower_percent":"ours_upper_percent" \
        with yerrorbars lt colours[i] pt 7 ps 0.8
  }
}
unset multiplot
