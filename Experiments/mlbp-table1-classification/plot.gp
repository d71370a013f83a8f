# Accuracies of the four models: the document's, the authors' code's and ours, a panel an image set
# that was trained on. The axis is logarithmic in the error, so that 99 % and 30 % both can be read;
# it is the same in all panels.
set output ARG2 . "." . ARG3
published = ARG1 . "published.csv"
networks = ARG1 . "networks.csv"
array models[4] = ["Feed-Forward", "Layered BP", "ML-ISTA", "ML-FISTA"]
array sets[4] = ["MNIST", "CIFAR-10", "SVHN", "SVHN (10k subset)"]
array found[4] = [0, 0, 0, 0]
array known[4] = [0, 0, 0, 0]
array linear[4]
has(c) = (strcol(c) ne "")
look(i) = (strcol("data") eq sets[i] && has("test_accuracy_percent") ? (found[i] = 1, has("points_over_pixels") ? \
  (known[i] = 1, linear[i] = column("test_error_percent") + column("points_over_pixels")) : 0, 0) : 0)
do for [i=1:4] { stats networks using (look(i)) nooutput }
panels = sum [i=1:4] found[i]
# 1 to 4, aside by a; nothing for other sets and empty cells.
place(i, c, a) = (strcol("data") ne sets[i] || !has(c) ? NaN : a + (strcol("model") eq models[1] ? 1 : \
  strcol("model") eq models[2] ? 2 : strcol("model") eq models[3] ? 3 : strcol("model") eq models[4] ? 4 : NaN))
# An interval to 0 or 100 % and beyond ends at the axis.
top = 0.5
low(v) = (v < 100 ? v : 100)
high(v) = (v > top ? v : top)
percent(c) = sprintf("%.4g", column(c))
set multiplot layout 1,panels margins 0.08,0.985,0.13,0.81 spacing 0.06 \
  title "Four models of equal parameters (B Table 1; slides)"
set logscale y
set yrange [100:top]
set ytics ("0" 100, "30" 70, "50" 50, "70" 30, "80" 20, "90" 10, "95" 5, "98" 2, "99" 1, "99.5" 0.5)
set ylabel "test accuracy, % (logarithmic in the error)" offset 1
set xrange [0.45:4.8]
set xtics ("Feed-\nForward" 1, "Layered\nBP" 2, "ML-\nISTA" 3, "ML-\nFISTA" 4)
set key at screen 0.53,0.945 center top vertical maxrows 1 font ",13"
numbers = (panels < 3 ? 1 : 0)
do for [i=1:4] {
  if (found[i]) {
    set title sets[i]
    if (known[i]) { set label 1 "linear classifier on the pixels" at graph 0.98,first linear[i] right offset 0,0.5 font ",12" }
    plot for [k=1:known[i]] linear[i] with lines lc rgb "black" lw 1.5 dt 3 notitle, \
      published using (place(i, "document_percent", -0.28)):(100 - column("document_percent")) with points pt 4 ps 1.4 lt 1 title "B, Table 1", \
      published using (place(i, "authors_code_percent", 0)):(100 - column("authors_code_percent")) with points pt 6 ps 1.4 lt 2 title "authors' code", \
      networks using (place(i, "test_accuracy_percent", 0.28)):"test_error_percent" with points pt 7 ps 1.1 lt 3 title "ours, at the scale below", \
      networks using (place(i, "lower_percent", 0.28)):"test_error_percent":(high(100 - column("upper_percent"))):(low(100 - column("lower_percent"))) \
        with yerrorbars pt 7 ps 1.1 lt 3 notitle, \
      for [k=1:numbers] published using (place(i, "document_percent", -0.28)):(100 - column("document_percent")):(percent("document_percent")) \
        with labels offset 0,0.9 font ",10" tc lt 1 notitle, \
      for [k=1:numbers] published using (place(i, "authors_code_percent", 0)):(100 - column("authors_code_percent")):(percent("authors_code_percent")) \
        with labels offset 0,-0.9 font ",10" tc lt 2 notitle, \
      for [k=1:numbers] networks using (place(i, "test_accuracy_percent", 0.28)):"test_error_percent":(sprintf("%.1f", column("test_accuracy_percent"))) \
        with labels left offset 0.7,0 font ",10" tc lt 3 notitle
    unset key
    unset label 1
    unset ylabel
  }
}
unset multiplot
