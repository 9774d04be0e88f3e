# haishin_embed(NAME FILE): writes NAME.c into the build folder, a constant text `const char NAME[]` with the bytes of
# FILE, and sets NAME_SOURCE to it. Run as a script (cmake -DNAME= -DFILE= -DOUT= -P), it does the writing.

if(CMAKE_SCRIPT_MODE_FILE)
	file(READ ${FILE} text)
	string(REPLACE "\\" "\\\\" text "${text}")
	string(REPLACE "\"" "\\\"" text "${text}")
	string(REPLACE "\n" "\\n\"\n\t\"" text "${text}")
	file(WRITE ${OUT} "extern const char ${NAME}[];\nconst char ${NAME}[] =\n\t\"${text}\";\n")
	return()
endif()

set(HAISHIN_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(haishin_embed name file)
	set(out ${CMAKE_CURRENT_BINARY_DIR}/${name}.c)
	add_custom_command(OUTPUT ${out}
		COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DFILE=${CMAKE_CURRENT_SOURCE_DIR}/${file} -DOUT=${out}
			-P ${HAISHIN_EMBED_SCRIPT}
		DEPENDS ${file} ${HAISHIN_EMBED_SCRIPT} VERBATIM)
	set(${name}_SOURCE ${out} PARENT_SCOPE)
endfunction()
