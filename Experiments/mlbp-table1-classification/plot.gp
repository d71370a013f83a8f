# Accuracies of the four models: the document's, the authors' code's and ours.
set output ARG2 . "." . ARG3
data = ARG1 . "accuracies.csv"
array sets[2] = ["MNIST", "CIFAR-10"]
set multiplot layout 1,2 title "Four models of equal parameters (B Table 1, slides)"
set ylabel "test accuracy, %"
set xrange [-0.5:3.5]
set xtics ("Feed-Forward" 0, "Layered BP" 1, "ML-ISTA" 2, "ML-FISTA" 3) rotate by -25
set key bottom right
stats data using (strcol("data") eq "MNIST" ? column("ours_lower_percent") : NaN) nooutput
lowest = STATS_min
in_set(i, v) = (strcol("data") eq sets[i] ? v : NaN)
do for [i=1:2] {
  set title sets[i]
  if (i == 2) { set key at graph 0.97, graph 0.72 right top }
  set yrange [(i == 1 && lowest > 80 ? lowest - 5 : 0):(i == 1 && lowest > 80 ? 100.5 : 105)]
  plot data using (int($0) % 4 - 0.12):(in_set(i, column("document_percent"))) with points pt 4 ps 1.4 lt 1 title "B, Table 1", \
    data using (int($0) % 4 - 0.04):(in_set(i, column("authors_code_percent"))) with points pt 6 ps 1.4 lt 2 title "authors' code", \
    data using (int($0) % 4 + 0.08):(in_set(i, column("ours_mean_of_last_percent"))):"ours_lower_percent":"ours_upper_percent" with yerrorbars pt 7 lt 8 title "ours (this profile's scale)"
}
unset multiplot
