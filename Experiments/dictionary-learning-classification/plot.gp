# Test errors with 95 % intervals: ours, and the slides' table on its own, narrower axis; below, how
# the classifier's penalty was chosen.
set output ARG2 . "." . ARG3
errors = ARG1 . "errors.csv"
validation = ARG1 . "validation.csv"
pick(s) = (stringcolumn("source") eq s ? column("error_percent") : NaN)
tic(s) = (stringcolumn("source") eq s ? stringcolumn("label") : "")
stats errors using (stringcolumn("source") eq "ours" ? 1 : NaN) nooutput
ours = int(STATS_records)
stats errors using (stringcolumn("source") eq "slides" ? 1 : NaN) nooutput
theirs = int(STATS_records)
set multiplot title "A linear classifier on unsupervised features of MNIST digits (S, table of classification errors)"
unset key
set grid x y
set ytics font ",13"
set lmargin at screen 0.25
set rmargin at screen 0.60
set tmargin at screen 0.89
set bmargin at screen 0.47
set xlabel "test error (%), 95 % interval"
set title "ours (in brackets: units)"
set xrange [0:*]
set yrange [ours - 0.4:-0.6]
plot errors using (pick("ours")):0:"lower_percent":"upper_percent":ytic(tic("ours")) with xerrorbars lt 1 lw 2.2
set lmargin at screen 0.38
set tmargin at screen 0.31
set bmargin at screen 0.09
set title "the slides' table"
set xrange [0.8:1.7]
set xtics 0.2
set xlabel "test error (%), interval of 10,000 digits"
set yrange [ours + theirs - 0.4:ours - 0.6]
plot errors using (pick("slides")):0:"lower_percent":"upper_percent":ytic(tic("slides")) with xerrorbars lt 2 lw 2.2
set lmargin at screen 0.69
set rmargin at screen 0.97
set tmargin at screen 0.89
set bmargin at screen 0.47
set title "choice of the classifier's penalty"
set logscale x
set format x "10^{%T}"
set autoscale xfix
set xrange [*:*]
set xtics auto
set yrange [0:*]
set ytics auto font ",13"
set xlabel "λ of the classifier"
set ylabel "validation error (%)"
set key at screen 0.97, 0.33 top right font ",13" spacing 1.1 nobox
sets = "pixels one-layer third second-pooled second second-third"
array names[6] = ["pixels", "one layer", "γ_3", "γ_2 pooled", "γ_2", "γ_2 and γ_3"]
plot for [i=1:words(sets)] validation using (stringcolumn("features") eq word(sets, i) ? column("classifier_penalty") : NaN):"error_percent" with linespoints lt i title names[i]
unset multiplot
