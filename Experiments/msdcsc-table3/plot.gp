# R's Table III on CIFAR-10 beside our accuracies at this profile, row by row.
set output ARG2 . "." . ARG3
accuracies = ARG1 . "accuracies.csv"
name(d) = strcol("model") . ", " . strcol("layers") . " layers, " . strcol("unfoldings") . \
  (strcol("unfoldings") eq "1" ? " unfolding" : " unfoldings")
row(d) = (strcol("data") eq "CIFAR10" ? column("row") : NaN)
stats accuracies using (row(0)) nooutput
rows = int(STATS_max)
# Empty in a row that the paper lacks or that was not trained; the interval with one seed.
filled(c) = (strcol("data") eq "CIFAR10" && strcol(c) ne "" ? column(c) : NaN)
spanned(d) = (strcol("ours_lower_percent") eq "" ? NaN : row(d))
set multiplot title "Accuracies by model, CIFAR-10 (R Table III)"
unset key
set tmargin at screen 0.88
set bmargin at screen 0.12
set lmargin at screen 0.36
set rmargin at screen 0.64
set xlabel "test accuracy, %"
set title "the paper"
set yrange [rows + 0.5:0.5]
set ytics 1
set format y ""
set xrange [80:94]
set xtics 2
plot accuracies using (80):(row(0)):(name(0)) with labels right offset -1,0 font (rows > 32 ? ",9" : rows > 26 ? ",11" : ",13"), \
  accuracies using (filled("paper_percent")):(row(0)) with points lt 1 pt 6 ps 1.2
set lmargin at screen 0.68
set rmargin at screen 0.97
set title "ours at this profile"
set xrange [*<0:*]
set xtics auto
# A point that is not seen: without trainings on CIFAR-10 the panel stays empty and is no error.
$unseen << END
10,1
END
plot $unseen using 1:2 with points lc rgb "#ffffffff", \
  accuracies using (filled("ours_mean_of_last_percent")):(row(0)) with points lt 2 pt 7 ps 1.0, \
  accuracies using (filled("ours_mean_of_last_percent")):(spanned(0)):"ours_lower_percent":"ours_upper_percent" with xerrorbars lt 2 pt 7 ps 1.0
unset multiplot
