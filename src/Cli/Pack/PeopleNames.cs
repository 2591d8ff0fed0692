namespace Governance.Cli.Pack;

/// <summary>Names for generated people, from the position alone and marked as examples: no such person is meant.</summary>
internal static class PeopleNames
{
    private static readonly string[] Surnames =
    [
        "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马", "罗",
        "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓", "许", "傅", "沈", "曾", "彭", "吕",
    ];

    private static readonly string[] GivenNames =
    [
        "建国", "永刚", "晓明", "玉珍", "海燕", "国庆", "宏伟", "秀兰", "丽华", "红梅", "志强", "文斌", "立新", "卫东", "春梅", "桂英",
        "金凤", "淑芬", "长江", "明亮", "庆华", "素云", "振华",
    ];

    /// <summary>The lists' lengths have no common divisor, so a pair comes back only after all pairs.</summary>
    public static string Of(int index) =>
        $"{Surnames[index % Surnames.Length]}{GivenNames[index % GivenNames.Length]}（示例）";
}
