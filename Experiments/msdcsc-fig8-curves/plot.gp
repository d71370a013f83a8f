# Test accuracy against the epoch: MSD-CSC by unfoldings, and beside feed-forward and ML-CSC networks.
set output ARG2 . "." . ARG3
curves = ARG1 . "curves.csv"
stats curves using (strcol("model")[1:3] eq "MSD" ? column("layers") : NaN) nooutput
deepest = int(STATS_max)
pick(m, d, u) = (strcol("model") eq m && column("layers") == d && column("unfoldings") == u ? column("epoch") : NaN)
set multiplot layout 1,2 title sprintf("MSD-CSC of %d layers (R Fig. 8)", deepest)
set xlabel "training epoch"
set ylabel "test accuracy, %"
set key bottom right
set yrange [0:*]
set title "by unfoldings, equal parameters"
plot curves using (pick("MSDNet", deepest, 0)):"test_accuracy_percent":"lower_percent":"upper_percent" \
    with yerrorlines lt 8 pt 7 ps 0.7 title "MSDNet (none)", \
  curves using (pick("MSD-CSC-ISTA", deepest, 1)):"test_accuracy_percent":"lower_percent":"upper_percent" \
    with yerrorlines lt 1 pt 7 ps 0.7 title "ISTA, 1", \
  curves using (pick("MSD-CSC-ISTA", deepest, 2)):"test_accuracy_percent":"lower_percent":"upper_percent" \
    with yerrorlines lt 2 pt 7 ps 0.7 title "ISTA, 2", \
  curves using (pick("MSD-CSC-FISTA", deepest, 2)):"test_accuracy_percent":"lower_percent":"upper_percent" \
    with yerrorlines lt 3 pt 7 ps 0.7 title "FISTA, 2"
set title "beside networks of 4.0 M parameters"
plot curves using (pick("Feed-Forward", 6, 0)):"test_accuracy_percent":"lower_percent":"upper_percent" \
    with yerrorlines lt 8 pt 6 ps 0.7 title "Feed-Forward", \
  curves using (pick("ML-CSC-ISTA", 6, 2)):"test_accuracy_percent":"lower_percent":"upper_percent" \
    with yerrorlines lt 1 pt 6 ps 0.7 title "ML-CSC-ISTA, 2", \
  curves using (pick("ML-CSC-FISTA", 6, 2)):"test_accuracy_percent":"lower_percent":"upper_percent" \
    with yerrorlines lt 2 pt 6 ps 0.7 title "ML-CSC-FISTA, 2", \
  curves using (pick("MSD-CSC-FISTA", deepest, 2)):"test_accuracy_percent":"lower_percent":"upper_percent" \
    with yerrorlines lt 3 pt 7 ps 0.7 title "MSD-CSC-FISTA, 2"
unset multiplot
