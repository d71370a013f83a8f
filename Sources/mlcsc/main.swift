print("mlcsc")
