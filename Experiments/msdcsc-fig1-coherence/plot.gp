# Coherence against image size, one curve a dilation; left the kernel of R Fig. 1, right random ones.
# Curves that coincide show as rings in one another.
data = ARG1 . "coherence.csv"
set output ARG2 . "." . ARG3
set multiplot layout 1,2 margins 0.08,0.985,0.125,0.87 spacing 0.1 title "Mutual coherence of the convolution matrix (R Fig. 1 B, C); bars: 95 % intervals"
set xlabel "image size (pixels an axis)" offset 0,0.3
set ylabel "mutual coherence µ"
set yrange [-0.03:1]
set xrange [2:21]
set key at graph 0.98, 0.98 right top font ",13" spacing 1
pick(kernel, s) = (stringcolumn("kernel") eq kernel && column("dilation") == s ? column("image_size_pixels") : NaN)
set title "kernel [1 2; 3 4] of the figure"
set arrow 1 from 4, 0.64 to 4, 0.04 lc rgb "#666666" dt 2 lw 1.5
set label 1 "R's 4×4 image" at 4.3, 0.62 tc rgb "#666666"
plot for [s=1:4] data using (pick("figure", s)):"coherence" with linespoints lt s lw 1.5 pt 6 ps 3.8 - 0.8 * s title sprintf("dilation %d", s), \
  data using (pick("figure", 1)):"coherence_with_identity" with lines lt 7 dt 2 title "dilation 1, with identity"
unset arrow 1
unset label 1
set title "random 3×3 kernels"
plot for [s=1:4] data using (pick("random-3x3", s)):"coherence":"coherence_lower_95":"coherence_upper_95" with yerrorlines lt s lw 1.5 pt 6 ps 3.8 - 0.8 * s title sprintf("dilation %d", s)
unset multiplot
