# Loss and sparsity against epochs; mosaics of the atoms of D1, D(2), D(3) of the sparse model.
set output ARG2 . "." . ARG3
learning = ARG1 . "learning.csv"
set multiplot layout 2,3 title "Dictionaries learned from MNIST digits (D; S)"
pick(f) = (stringcolumn("filters") eq f ? column("epoch") : NaN)
set xlabel "epoch"
set ylabel "relative squared error"
set title "loss"
set key bottom right font ",12" spacing 1
set yrange [0:*]
plot learning using (pick("sparse")):"relative_squared_error" with linespoints lt 1 title "sparse D_2, D_3", \
     learning using (pick("dense")):"relative_squared_error" with linespoints lt 2 title "dense filters"
set ylabel "share of zeros (%)"
set title "sparsity of the filters"
set key bottom right
set yrange [0:105]
plot learning using (pick("sparse")):(100*column("zero_share_d2")) with linespoints lt 1 title "D_2", \
     learning using (pick("sparse")):(100*column("zero_share_d3")) with linespoints lt 3 title "D_3"
set ylabel "share of non-zeros (%)"
set title "density of the codes"
set key top right font ",12" spacing 1
set yrange [0:210]
set ytics 0,20,100
plot learning using (pick("sparse")):(100*column("density_gamma1")) with linespoints lt 1 title "γ_1, sparse", \
     learning using (pick("sparse")):(100*column("density_gamma2")) with linespoints lt 3 title "γ_2, sparse", \
     learning using (pick("dense")):(100*column("density_gamma1")) with linespoints lt 2 title "γ_1, dense", \
     learning using (pick("dense")):(100*column("density_gamma2")) with linespoints lt 5 title "γ_2, dense"
unset key
unset grid
unset tics
unset border
unset xlabel
unset ylabel
unset colorbox
set palette defined (-1 "#0072B2", 0 "white", 1 "#222222")
set cbrange [-1:1]
set size ratio -1
set yrange [*:*] reverse
set xrange [*:*]
do for [layer=1:3] {
  set title (layer == 1 ? "atoms of D_1" : sprintf("atoms of D^{(%d)}", layer))
  plot sprintf("%satoms-%d.csv", ARG1, layer) using "column":"row":"value" with image pixels
}
unset multiplot
