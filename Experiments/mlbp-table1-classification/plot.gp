# Accuracies of the four models: the document's, the authors' code's and ours; a third panel where
# SVHN was given.
set output ARG2 . "." . ARG3
array sets[3] = ["MNIST", "CIFAR-10", "SVHN"]
array files[3] = ["accuracies.csv", "accuracies.csv", "accuracies_svhn.csv"]
array models[4] = ["Feed-Forward", "Layered BP", "ML-ISTA", "ML-FISTA"]
# Without SVHN its table is absent, has only a heading, or rows without numbers.
panels = 2
found = 0
svhn = ARG1 . files[3]
if ((system("test -f '" . svhn . "' && tail -n +2 '" . svhn . "' | grep -c . || echo 0") + 0) > 0) {
  stats svhn using (strcol("data") eq "SVHN" && strcol("ours_mean_of_last_percent") ne "" ? (found = found + 1) : 0) nooutput
  if (found > 0) { panels = 3 }
}
has(c) = (strcol(c) ne "")
place(i) = (strcol("data") ne sets[i] ? NaN : strcol("model") eq models[1] ? 0 : strcol("model") eq models[2] ? 1 : \
  strcol("model") eq models[3] ? 2 : strcol("model") eq models[4] ? 3 : NaN)
filled(c) = (has(c) ? column(c) : NaN)
# An interval that seeds trained and untrained widen past 0 or 100 % ends there and is marked; with
# one seed there is none.
spanned(c) = (has("ours_lower_percent") ? column(c) : NaN)
low(c) = (column(c) < 0 ? 0 : column(c))
high(c) = (column(c) > 100 ? 100 : column(c))
below(c) = (has(c) && column(c) < 0 ? 0 : NaN)
above(c) = (has(c) && column(c) > 100 ? 100 : NaN)
lowest = 100
smaller(v) = (v < lowest ? (lowest = v) : lowest)
stats ARG1 . files[1] using (strcol("data") ne "MNIST" ? 0 : has("ours_lower_percent") ? smaller(column("ours_lower_percent")) : \
  has("ours_mean_of_last_percent") ? smaller(column("ours_mean_of_last_percent")) : 0) nooutput
set multiplot layout 1,panels margins 0.085,0.965,0.14,0.82 spacing (panels == 3 ? 0.075 : 0.09) \
  title "Four models of equal parameters (B Table 1, slides)"
set ylabel "test accuracy, %"
set xrange [-0.5:3.5]
size = (panels == 3 ? ",13" : ",15")
set xtics ("Feed-Forward" 0, "Layered BP" 1, "ML-ISTA" 2, "ML-FISTA" 3) rotate by -25 font size
set key at screen 0.5, 0.95 center top vertical maxrows 2 font ",13" spacing 1
do for [i=1:panels] {
  data = ARG1 . files[i]
  set title sets[i]
  if (i > 1) { unset key; unset ylabel }
  set yrange [(i == 1 && lowest > 80 ? lowest - 1 : 0):(i == 1 && lowest > 80 ? 100.5 : 105)]
  plot data using (place(i) - 0.16):(filled("document_percent")) with points pt 4 ps 1.4 lt 1 title "B, Table 1", \
    data using (place(i)):(filled("authors_code_percent")) with points pt 6 ps 1.4 lt 2 title "authors' code", \
    data using (place(i) + 0.16):(filled("ours_mean_of_last_percent")) with points pt 7 lt 8 title "ours (this profile's scale)", \
    data using (place(i) + 0.16):(spanned("ours_mean_of_last_percent")):(low("ours_lower_percent")):(high("ours_upper_percent")) \
      with yerrorbars pt 7 lt 8 notitle, \
    data using (place(i) + 0.16):(below("ours_lower_percent")) with points pt 11 ps 1.6 lt 8 notitle, \
    data using (place(i) + 0.16):(above("ours_upper_percent")) with points pt 9 ps 1.6 lt 8 notitle, \
    NaN with points pt 11 ps 1.6 lt 8 title "interval runs past 0 or 100 %"
}
unset multiplot
