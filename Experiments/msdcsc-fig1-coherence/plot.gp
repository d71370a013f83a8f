# Coherence against image size, one curve a dilation; left the kernel of R Fig. 1, right random ones.
data = ARG1 . "coherence.csv"
set output ARG2 . "." . ARG3
set multiplot layout 1,2 title "Mutual coherence of the convolution matrix (R Fig. 1 B, C)"
set xlabel "image size (pixels an axis)"
set ylabel "mutual coherence µ"
set yrange [-0.02:1.05]
set key top right
set title "kernel [1 2; 3 4] of the figure"
set arrow 1 from 4, 0.64 to 4, 0.02 lc rgb "#666666" dt 2 lw 1.5
set label 1 "R's 4×4 image" at 4.3, 0.62 tc rgb "#666666"
plot for [s=1:4] data using (stringcolumn("kernel") eq "figure" && column("dilation") == s ? column("image_size_pixels") : NaN):"coherence_mean" with linespoints lt s title sprintf("dilation %d", s), \
  data using (stringcolumn("kernel") eq "figure" && column("dilation") == 1 ? column("image_size_pixels") : NaN):"coherence_with_identity_mean" with lines lt 7 dt 2 title "dilation 1, with identity"
unset arrow 1
unset label 1
set title "random 3×3 kernels (mean ± s.e.)"
plot for [s=1:4] data using (stringcolumn("kernel") eq "random-3x3" && column("dilation") == s ? column("image_size_pixels") : NaN):"coherence_mean":"coherence_standard_error" with yerrorlines lt s title sprintf("dilation %d", s)
unset multiplot
