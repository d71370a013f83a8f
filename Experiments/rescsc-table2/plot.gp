# R's Table II on CIFAR-10 beside our accuracies at this profile, against the depth.
set output ARG2 . "." . ARG3
accuracies = ARG1 . "accuracies.csv"
array models[4] = ["Plain", "Res-CSC-Simplified", "ResNet", "Res-CSC"]
array colours[4] = [8, 1, 2, 3]
array sets[3] = ["CIFAR10", "CIFAR100", "SVHN"]
pick(i, s) = (strcol("model") eq models[i] && strcol("data") eq sets[s] ? column("layers") : NaN)
set multiplot layout 1,2 title "Accuracies against the depth (R Table II)"
set xlabel "layers"
set ylabel "test accuracy, %"
set logscale x 2
set xtics (8, 14, 20, 32, 44, 56, 110, 218)
set xrange [18:250]
set key bottom right
set yrange [85:95]
set title "the paper, CIFAR-10"
plot for [i=1:4] accuracies using (pick(i, 1)):"paper_percent" with linespoints lt colours[i] pt 6 title models[i]
set title "ours at this profile, CIFAR-10"
set xrange [7:250]
unset key
set yrange [0:*]
plot for [i=1:4] accuracies using (pick(i, 1) * 1.02**(i - 2.5)):"ours_mean_of_last_percent":"ours_lower_percent":"ours_upper_percent" \
  with yerrorlines lt colours[i] pt 7 title models[i]
unset multiplot
