# The target `coverage` of the coverage preset: runs all tests and prints line coverage by file. It counts and does not judge:
# a program that changes its user cannot write its counts, and says so where a test listens. tests/run judges.
find_program(GCOVR gcovr REQUIRED)
add_custom_target(coverage
	COMMAND ${CMAKE_COMMAND} --build ${CMAKE_BINARY_DIR}
	COMMAND find ${CMAKE_BINARY_DIR} -name *.gcda -delete
	COMMAND ${CMAKE_CTEST_COMMAND} --test-dir ${CMAKE_BINARY_DIR} -j2 -E ^structure || true
	COMMAND ${GCOVR} --root ${PROJECT_SOURCE_DIR} --object-directory ${CMAKE_BINARY_DIR}
		--filter "(manifests|scheduler|updater|rollback|agent)/" --exclude-unreachable-branches --print-summary
	WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
	USES_TERMINAL VERBATIM)
