/* Whatever is put into a page becomes text. */
#include "collector/page/base/html.h"
#include "tests/support/test.h"

#define MARK "\xef\xbf\xbd"

TEST_CASE(test_what_a_stranger_says_is_text)
{
	static const struct {
		const char *said, *shown;
	} rows[] = {
		{"5.1.0", "5.1.0"},
		{"医療機関", "医療機関"},
		{"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
		{"\" onmouseover=\"x", "&quot; onmouseover=&quot;x"},
		{"' a='&amp;", "&#39; a=&#39;&amp;amp;"},
		{"\xe2\x80\xae"
		 "gnp.exe",
			MARK "gnp.exe"}, /* right to left */
		{"\xe2\x81\xa6"
		 "a\xe2\x81\xa9",
			MARK "a" MARK}, /* an isolate and its end */
		{"\xd8\x9c"
		 "a",
			MARK "a"}, /* the Arabic letter mark */
		{"a\xe2\x80\x8b"
		 "b\xef\xbb\xbf",
			"a" MARK "b" MARK},				 /* no room at all */
		{"a\x1b[31m\x7f\xc2\x85", "a" MARK "[31m" MARK MARK},	 /* escapes, deletions, C1 */
		{"\xe2\x80\xa8", MARK},					 /* a line of another kind */
		{"\xff\xc3(\xed\xa0\x80", MARK MARK "(" MARK MARK MARK}, /* no UTF-8 */
		{"\xf3\xa0\x81\x81", MARK},				 /* a tag */
		{"葛\xf3\xa0\x84\x80", "葛\xf3\xa0\x84\x80"},		 /* one of two forms of a name's character */
		{"a\nb", "a\nb"},
		{"", ""},
		{NULL, ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(html) struct html html = HTML_INIT;

		html_put(&html, "%s", rows[i].said);
		assert_string_equal(buf_text(&html.text), rows[i].shown);
	}
}

TEST_CASE(test_numbers_are_grouped_where_people_read_them)
{
	AUTO(html) struct html html = HTML_INIT;

	html_put(&html, "%'lld %lld %d %.1f %% %'lld %'lld", 240000LL, 240000LL, -1, 99.25, 999LL, -1234567LL);
	assert_string_equal(buf_text(&html.text), "240,000 240000 -1 99.2 % 999 -1,234,567");
}

TEST_CASE(test_a_translation_may_turn_the_order)
{
	AUTO(html) struct html html = HTML_INIT;

	html_put(&html, "%2$'lld 件のうち %1$s（%3$.1f %%）", "<b>", 1200LL, 0.5);
	assert_string_equal(buf_text(&html.text), "1,200 件のうち &lt;b&gt;（0.5 %）");
}

TEST_CASE(test_a_page_that_outgrows_its_bound_is_known_to_be_cut)
{
	AUTO(html) struct html html = HTML_INIT;

	html.text.limit = 16;
	html_put(&html, "%s", "seventeen letters");
	assert_true(html.is_cut);
}

TEST_CASE(test_an_address_holds_what_it_is_given)
{
	char address[HTML_ADDRESS_SIZE];

	assert_string_equal(html_address("reader-app/acme", address), "reader-app/acme");
	assert_string_equal(html_address("a b&c=\"<%", address), "a%20b%26c%3D%22%3C%25");
	assert_string_equal(html_address("端", address), "%E7%AB%AF");
}

TESTS(NULL, NULL)
