# Four pursuits of the same codes; signals sampled from the model, and their non-zeros.
set output ARG2 . "." . ARG3
set datafile missing NaN
set multiplot title "Sampling from the model, and alternatives of its pursuit (D); bars: 95 % intervals"
data = ARG1 . "pursuits.csv"
pursuits = "'OMP' 'subspace pursuit' 'basis pursuit' 'iterative hard thresholding'"
pick(i) = (stringcolumn("pursuit") eq word(pursuits, i) ? column("entries") : NaN)
set tmargin at screen 0.86
set bmargin at screen 0.56
set logscale x
set xrange [0.9:110]
set xlabel "entries of γ_2" offset 0,0.6
set lmargin at screen 0.09
set rmargin at screen 0.48
set title "supports found, %" offset 0,-0.4
set yrange [-3:103]
set key bottom left Left reverse font ",12" spacing 1
plot for [i=1:4] data using (pick(i)):"support_found_percent":"support_found_percent_lower_95":"support_found_percent_upper_95" with yerrorlines lt i title word(pursuits, i)
set lmargin at screen 0.59
set rmargin at screen 0.98
set title "relative error of γ_2"
set logscale y
set format y "10^{%T}"
set yrange [1e-4:3]
unset key
plot for [i=1:4] data using (pick(i)):"error_relative_l2":"error_relative_l2_lower_95":"error_relative_l2_upper_95" with yerrorlines lt i notitle
data = ARG1 . "samples.csv"
kinds = "'drawn from the learned model' 'digits projected on it' 'drawn with random filters'"
set lmargin at screen 0.09
set rmargin at screen 0.34
set tmargin at screen 0.41
set bmargin at screen 0.1
unset logscale x
set xrange [0:11]
set xlabel "non-zeros of γ_3"
set title "non-zeros of γ_1"
set yrange [10:1e6]
set key top left Left reverse font ",11" spacing 0.95
kind(i) = (stringcolumn("kind") eq word(kinds, i) && column("layer") == 1 ? column("deepest_nonzeros") : NaN)
plot for [i=1:3] data using (kind(i)):"nonzeros":"nonzeros_lower_95":"nonzeros_upper_95" with yerrorlines lt i title word(kinds, i), \
  data using (kind(1)):"limit" with lines lt 8 dt 2 lw 2 title "limit λ_1"
unset logscale
unset grid
unset tics
unset key
unset xlabel
set format "%g"
set title "above: drawn; middle: digits projected; below: random filters"
set size ratio -1
set palette defined (-1 "#0072B2", 0 "white", 1 "#222222")
set cbrange [-1:1]
unset colorbox
set lmargin at screen 0.39
set rmargin at screen 0.99
set xrange [*:*]
set yrange [*:*] reverse
plot ARG1 . "pictures-0.csv" using "column":"row":"value" with image pixels
unset multiplot
