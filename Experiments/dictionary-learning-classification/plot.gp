# Test errors with 95 % intervals, the slides' and ours on one logarithmic axis; beside them, how the
# classifier's penalty was chosen for the same features.
set output ARG2 . "." . ARG3
errors = ARG1 . "errors.csv"
validation = ARG1 . "validation.csv"
stats errors using (stringcolumn("source") eq "ours" ? 1 : NaN) nooutput
ours = int(STATS_records)
stats errors using (stringcolumn("source") eq "slides" ? 1 : NaN) nooutput
theirs = int(STATS_records)
stats errors using "lower_percent" nooutput
least = STATS_min
stats errors using "upper_percent" nooutput
largest = STATS_max
stats validation using "classifier_penalty" nooutput
smallest = STATS_min
strongest = STATS_max
# The table has our rows first; the slides' stand above them, two lines apart.
place(i) = (i < ours ? i + theirs + 2 : i - ours)
pick(s) = (stringcolumn("source") eq s ? column("error_percent") : NaN)
set multiplot title "A linear classifier on unsupervised features of MNIST digits (S, table of classification errors)"
unset key
set grid x y
set lmargin at screen 0.305
set rmargin at screen 0.615
set tmargin at screen 0.89
set bmargin at screen 0.125
set logscale x
set xrange [0.85 * least:1.15 * largest]
set xtics (0.5, 1, 2, 3, 5, 10, 20, 50)
set xlabel "test error (%), 95 % interval"
set yrange [ours + theirs + 1.7:-1.7]
set ytics font ",12" scale 0
set label 1 "the slides' table (10,000 test digits)" at graph 0.97,first -1 right font ",13" textcolor lt 2
set label 2 "ours (in brackets: units)" at graph 0.03,first theirs + 1 left font ",13" textcolor lt 1
set arrow 1 from graph 0,first theirs + 0.2 to graph 1,first theirs + 0.2 nohead lw 1 lc rgb "#888888"
set title "test errors"
plot errors using "error_percent":(place($0)):ytic(stringcolumn("label")) with points lt 1 ps 0, \
  errors using (pick("slides")):(place($0)):"lower_percent":"upper_percent" with xerrorbars lt 2, \
  errors using (pick("ours")):(place($0)):"lower_percent":"upper_percent" with xerrorbars lt 1
unset label 1
unset label 2
unset arrow 1
set lmargin at screen 0.695
set rmargin at screen 0.975
set bmargin at screen 0.44
set title "choice of the classifier's penalty"
set xrange [0.7 * smallest:1.4 * strongest]
set xtics auto
set format x "10^{%T}"
set yrange [0:*]
set ytics autofreq font ",13" scale 1
set xlabel "λ of the classifier"
set ylabel "validation error (%)"
set linetype 9 lc rgb "#882255" lw 2.2 pt 12 ps 0.9
set linetype 10 lc rgb "#999933" lw 2.2 pt 3 ps 0.9
set linetype cycle 10
set key at screen 0.835,0.325 top center maxcols 2 reverse Left font ",12" spacing 1.2 samplen 1.5 nobox
sets = "pixels one-layer autoencoder third-omp third second-nested second-pooled second second-pooled-third second-third"
array names[10] = ["pixels", "one layer", "autoencoder", "γ_3 by OMP", "γ_3", "γ_2 = D_3γ_3 pooled", "γ_2 pooled", "γ_2", \
  "γ_2 pooled and γ_3", "γ_2 and γ_3"]
plot for [i=1:10] validation using (stringcolumn("features") eq word(sets, i) ? column("classifier_penalty") : NaN):"error_percent" \
  with linespoints lt i title names[i]
unset multiplot
