"""What readers say in Korean when they cannot go on: see ``symback.page.messages``."""

from __future__ import annotations

MESSAGES = {
    "an array is changed in place by an object, which is not followed": ""
    "배열을 객체로 제자리에서 바꾸며, 이는 따라가지 않는다",
    "{left:said} cannot be changed in place by this": "{left}: 제자리에서 이렇게 바꿀 수 없다",
    "a list of more than {largest_list} entries is too long": "항목이 {largest_list}개를 넘는 리스트는 너무 길다",
    "entries chosen by a condition are changed by an array; use np.where": ""
    "조건으로 고른 원소를 배열로 바꾼다. np.where를 쓴다",
    "nothing can be assigned to a {target}": "{target}: 여기에는 대입할 수 없다",
    "{count} values cannot be given to {count2} names": "값 {count}개를 이름 {count2}개에 줄 수 없다",
    "__dict__ of {held:said} is changed, which is not followed": ""
    "{held}의 __dict__ 속성을 바꾸며, 이는 따라가지 않는다",
    "{attr} of {held:said} is given a value, which is not followed": ""
    "{held}의 속성 {attr}에 값을 주며, 이는 따라가지 않는다",
    "requires_grad is set for data only": "requires_grad는 데이터에만 정할 수 있다",
    "an array is reshaped in place; write a = a.reshape(…)": ""
    "배열의 형상을 제자리에서 바꾼다. a = a.reshape(…)처럼 쓴다",
    "{holder:said} cannot be given a {attr}": "{holder}: 속성 {attr}에 값을 줄 수 없다",
    "{held:said} has no data that can be given a value": "{held}: 값을 줄 수 있는 data 속성이 없다",
    "data of shape {shape} cannot take the place of {shape2}": ""
    "형상이 {shape}인 데이터를 형상이 {shape2}인 데이터 대신 쓸 수 없다",
    "an item of {held:said} cannot be given a value": "{held}의 항목에 값을 줄 수 없다",
    "there is no {label} in this dictionary": "이 딕셔너리에 없는 키: {label}",
    "this cannot be deleted": "이것은 지울 수 없다",
    "{base} is changed in place without gradients, and the loss uses it before and after; write the changed tensor under a name of its own": ""
    "{base}: 기울기 없이 제자리에서 바뀌는데, 손실에서 바뀌기 전과 뒤의 값을 모두 쓴다. 바뀐 텐서는 다른 이름으로 쓴다",
    "the value of {base} is not made of real numbers": "{base}의 값이 실수로 되어 있지 않다",
    "{base} is read as class indices but holds fractions": "{base}: 클래스 번호로 읽는데 정수가 아닌 수가 들어 있다",
    "a number has no len()": "수에는 len()이 없다",
    "the number of batches is not known": "배치의 수를 알 수 없다",
    "the length of a class is not followed": "클래스의 길이는 따라가지 않는다",
    "Python's {label} compares whole arrays, which is ambiguous; use np.{name} or np.{label2}": ""
    "Python의 {label}: 배열을 통째로 비교하므로 뜻이 분명하지 않다. np.{name} 또는 np.{label2} 함수를 쓴다",
    "round is a step function; nothing can be learned through it": ""
    "round는 계단 함수이므로 이를 지나서는 아무것도 학습할 수 없다",
    "round is read for numbers that are known from the code": "round는 코드에서 알 수 있는 수에 대해서만 읽는다",
    "nan cannot be part of a forward pass": "nan은 순전파에 쓸 수 없다",
    "int is a step function of arrays; the number has to be known from the code": ""
    "int는 배열에 대하여 계단 함수이다. 그 수를 코드에서 알 수 있어야 한다",
    "pow with a modulus is read for plain numbers": "나머지를 구하는 pow는 평범한 수에 대해서만 읽는다",
    "whether print accepts these options decides here": "print에 이 옵션을 쓸 수 있는지에 따라 달라진다",
    "reversed of an object of {kind} is not followed": "{kind}의 객체에 대한 reversed는 따라가지 않는다",
    "the members of {name} are read as their values, of which none has a class": ""
    "{name}의 멤버는 값으로만 읽으므로 클래스가 없다",
    "isinstance cannot be decided here": "이 isinstance의 참과 거짓은 여기에서 정할 수 없다",
    "isinstance with {path} cannot be decided here": "{path}에 대한 isinstance의 참과 거짓은 여기에서 정할 수 없다",
    "issubclass cannot be decided here": "이 issubclass의 참과 거짓은 여기에서 정할 수 없다",
    "a class made by type(...) cannot be read; write a class statement": ""
    "type(...)으로 만든 클래스는 읽을 수 없다. class 문으로 쓴다",
    "the type of this value is not followed; use isinstance": "이 값의 타입은 따라가지 않는다. isinstance를 쓴다",
    "{label} is read for objects of the text and plain names": "{label}: 코드의 객체와 평범한 이름에 대해서만 읽는다",
    "the function vars is not followed: name the attributes": "함수 vars는 따라가지 않는다. 속성의 이름을 쓴다",
    "{label} of a function is given a value, which is not followed": ""
    "함수의 속성 {label}에 값을 주며, 이는 따라가지 않는다",
    "whether {label} is there is not followed: {error:said}": "{label}: 이 속성이 있는지는 따라가지 않는다. {error}",
    "whether an array has {name} is not decided here": "배열에 {name} 속성이 있는지는 여기에서 정하지 않는다",
    "the function {name} is not followed: {message:said}": "따라가지 않는 함수: {name}. {message}",
    "write the number": "수를 직접 쓴다",
    "bytes are not read": "바이트열은 읽지 않는다",
    "{path} is not followed": "따라가지 않는 것: {path}",
    "{path} is not followed for an array or a number of the network": ""
    "{path}: 배열이나 신경망의 수에 대해서는 따라가지 않는다",
    "{path} is read with maxsize alone": "{path}: maxsize 옵션만 읽는다",
    "what is remembered here is no function of the text": "여기에서 결과를 기억하는 것은 코드의 함수가 아니다",
    "{name} remembers results, and whether it is called here is not known": ""
    "{name}: 결과를 기억하는 함수인데, 여기에서 부르는지 알 수 없다",
    "{name} remembers results by its arguments; an array or a number of the network is none of them": ""
    "{name}: 인수에 따라 결과를 기억하는 함수이다. 배열이나 신경망의 수는 그런 인수일 수 없다",
    "nan is no argument by which a result is remembered": "nan은 결과를 기억하는 인수일 수 없다",
    "** in a call needs a dictionary with texts as keys": "함수를 부를 때 **에는 키가 문자열인 딕셔너리가 필요하다",
    "super(…) is read with a class and an object": "super(…)는 클래스와 객체를 준 것만 읽는다",
    "super() stands outside a method": "super()를 메서드 밖에서 쓴다",
    "{function:said} cannot be called": "{function}: 부를 수 없다",
    "{path} is given an iterator and no list; write list(...) around it": ""
    "{path}: 리스트가 아니라 반복자를 받는다. list(...) 안에 쓴다",
    "{path} writes into an array in a way that cannot be read; say out=": ""
    "{path}: 읽을 수 없는 방식으로 배열에 쓴다. out= 옵션을 쓴다",
    "{label} is left open, and whether it is NumPy's or PyTorch's is not known: {name} means something else in each; write {label2} = np.asarray({label3}) or {label4} = torch.as_tensor({label5}) before": ""
    "{label}: 정해지지 않아서 NumPy의 것인지 PyTorch의 것인지 알 수 없다. {name}의 뜻은 둘에서 다르다. 앞에 {label2} = np.asarray({label3}) 또는 {label4} = torch.as_tensor({label5}) 줄을 쓴다",
    "{value} has too few digits for these numbers: they overflow or are other whole numbers there; keep them in float32": ""
    "{value}: 이 수들에는 자릿수가 모자란다. 넘치거나 다른 정수가 된다. float32로 둔다",
    "an array lies in memory column by column": "배열이 메모리에 열 순서로 놓여 있다",
    "{function:said} of a {name} cannot be read": "{name}의 {function}: 읽을 수 없다",
    "{function:said} changes something that is no array": "{function}: 배열이 아닌 것을 바꾼다",
    "what is shuffled is neither an array nor a list": "섞는 것이 배열도 리스트도 아니다",
    "{name} calls itself more than {deepest_calls} times": "{name}: 자기 자신을 {deepest_calls}번 넘게 부른다",
    "functions call each other too deeply to be read": "함수들이 서로를 너무 깊이 불러서 읽을 수 없다",
    "{name} cannot take {name2}={hint:hint}": "{name}: 쓸 수 없는 옵션: {name2}={hint}",
    "{name:said} needs {name2}": "{name}: {name2}의 값이 필요하다",
    "what this except catches cannot be read": "이 except에서 잡는 것을 읽을 수 없다",
    "{path} gives the array another shape in place; write x = x.{value}(…)": ""
    "{path}: 배열의 형상을 제자리에서 바꾼다. x = x.{value}(…)처럼 쓴다",
    "{path} changes its array in a way that cannot be read": "{path}: 읽을 수 없는 방식으로 배열을 바꾼다",
    "{path} gives shape {shape} to an array of {shape2}": "{path}: 형상이 {shape2}인 배열에 형상 {shape}의 값을 준다",
    "{what:said} with {unknown}= cannot be read": "{what}: {unknown}= 옵션이 있으면 읽을 수 없다",
    "{what:said} with {count} values cannot be read": "{what}: 값이 {count}개이면 읽을 수 없다",
    "{what:said} needs a mask of the shape of its array": "{what}: 배열과 형상이 같은 마스크가 필요하다",
    "{what:said} with several values cannot be read; use np.where": ""
    "{what}: 값이 여럿이면 읽을 수 없다. np.where를 쓴다",
    "{what:said} needs two values": "{what}: 값이 두 개 필요하다",
    "{what:said} is read for a matrix of known size and one number": ""
    "{what}: 크기를 아는 행렬과 수 하나에 대해서만 읽는다",
    "{what:said} needs an index and values": "{what}: 첨자와 값이 필요하다",
    "{what:said} is read for one index per row": "{what}: 행마다 첨자가 하나일 때만 읽는다",
    "{what:said} by a condition cannot be read; write x[condition] {sign}= …": ""
    "{what}: 조건으로 고르는 것은 읽을 수 없다. x[조건] {sign}= …처럼 쓴다",
    "gaussian_nll_loss is given a variance of {variance}, which is not above eps = {eps}: PyTorch computes with eps there and lets the gradient of the variance through, which no formula does; give a smaller eps": ""
    "gaussian_nll_loss에 주어진 분산 {variance}: eps = {eps}보다 크지 않다. PyTorch는 여기에서 eps로 계산하면서 분산의 기울기는 그대로 전하는데, 이런 식은 없다. eps를 더 작게 준다",
    "binary_cross_entropy is given a probability of {at}, where its logarithm is not finite and PyTorch takes −100 in its place, which is not in the formula; keep probabilities between 0 and 1, as by torch.clamp(p, 1e-7, 1 - 1e-7)": ""
    "binary_cross_entropy에 주어진 확률은 {at}이고, 그 로그는 유한하지 않다. PyTorch는 그 대신 −100을 쓰지만 식에는 이것이 없다. torch.clamp(p, 1e-7, 1 - 1e-7)처럼 하여 확률을 0과 1 사이로 둔다",
    "__dict__ of {holder:said} is not followed": "{holder}의 __dict__ 속성은 따라가지 않는다",
    "the __slots__ of {name} are not known from the code": "{name}의 __slots__ 값을 코드에서 알 수 없다",
    "the {name} of a member of an enumeration cannot be changed here": ""
    "열거형의 멤버의 속성 {name}: 여기에서 바꿀 수 없다",
    "{name} of {kind} may be asked while its items are taken, and does more than answer, which is not followed": ""
    "{kind}의 {name} 메서드: 항목을 꺼내는 동안 불릴 수 있으며 대답하는 것 말고도 하는 일이 있다. 이는 따라가지 않는다",
    "the class {name} is made with {arg}, which is not followed": ""
    "클래스 {name}: {arg} 옵션으로 만들며, 이는 따라가지 않는다",
    "the class {name} is made with **, which is not followed": "클래스 {name}: **로 만들며, 이는 따라가지 않는다",
    "a {statement} around methods cannot be read": "메서드를 둘러싼 {statement} 문은 읽을 수 없다",
    "{name} and {name2} both have a private {name3}, which Python keeps apart; give them names of their own": ""
    "{name}, {name2}: 둘 다 비공개 이름 {name3}의 값을 가지며, Python에서는 이 둘이 서로 다르다. 이름을 다르게 쓴다",
    "what the decorator {text} makes of {name} cannot be read": "{name}: 데코레이터 {text}의 결과를 읽을 수 없다",
    "the  {label} is used in the body of its class, which cannot be read": ""
    "{label}: 클래스의 본문에서 쓰이며, 이는 읽을 수 없다",
    "the cached_property {label} is used in the body of its class, which cannot be read": ""
    "cached_property {label}: 클래스의 본문에서 쓰이며, 이는 읽을 수 없다",
    "the {marker} {label} is used in the body of its class, which cannot be read": ""
    "{marker} {label}: 클래스의 본문에서 쓰이며, 이는 읽을 수 없다",
    "the class {name} has its own __del__, which Python calls when it likes": ""
    "클래스 {name}: 자신의 __del__ 메서드가 있으며, Python은 이를 아무 때나 부른다",
    "the member {name} of the enumeration {name2} cannot be read": "열거형 {name2}의 멤버 {name}: 읽을 수 없다",
    "ArgumentParser with parents= or argument_default= is not followed": ""
    "parents= 또는 argument_default= 옵션이 있는 ArgumentParser는 따라가지 않는다",
    "add_argument has no {unknown}{hint:hint}": "add_argument에 없는 옵션: {unknown}{hint}",
    "add_argument takes the names of the argument as texts": "add_argument에는 인수의 이름을 문자열로 준다",
    "add_argument with action={action} is not followed": "action={action} 옵션이 있는 add_argument는 따라가지 않는다",
    "parse_args of a list of arguments is not followed; the defaults are read": ""
    "인수의 리스트를 받는 parse_args는 따라가지 않는다. 기본값을 읽는다",
    "parse_args into a namespace is not followed": "네임스페이스에 쓰는 parse_args는 따라가지 않는다",
    "{flag} has to be given on the command line: --set NAME.{label}=… where NAME holds parse_args()": ""
    "{flag}: 명령줄에서 주어야 하는 값이다. parse_args()의 결과를 담은 이름에 --set 이름.{label}=… 옵션으로 준다",
    "commands of a command line (add_subparsers) are not followed": ""
    "명령줄의 하위 명령(add_subparsers)은 따라가지 않는다",
    "{key}: there is no {last} in {name}{hint:hint}": "{key}: {name}에 없는 이름: {last}{hint}",
    "an iterator of more than {value} items is not written out": "항목이 {value}개를 넘는 반복자는 풀어 쓰지 않는다",
    "a loop can run over range(...), a list, or the rows of an array": ""
    "반복문은 range(...), 리스트, 배열의 행에 대하여 쓸 수 있다",
    "a loop over an axis of symbolic size {length} cannot be written out": ""
    "크기가 기호({length})인 축에 대한 반복문은 풀어 쓸 수 없다",
    "each row takes an item of its own, so the rows cannot be read together": ""
    "행마다 다른 항목을 꺼내므로 모든 행을 함께 읽을 수 없다",
    "a comprehension over so many items; at most {value} are written out": ""
    "컴프리헨션의 항목이 너무 많다. {value}개까지 풀어 쓴다",
    "a comprehension of more than {value} items is not written out": ""
    "항목이 {value}개를 넘는 컴프리헨션은 풀어 쓰지 않는다",
    "what is computed for one row changes something": "한 행에 대하여 계산하면서 무언가를 바꾼다",
    "what is computed for one row changes a list or an object": "한 행에 대하여 계산하면서 리스트나 객체를 바꾼다",
    "{form} of shape {shape} has not one entry for each of {length} rows": ""
    "형상이 {shape}인 {form}: 행 {length}개마다 원소가 하나씩 있지 않다",
    "a {held} of more than {largest_list} entries is too long": "항목이 {largest_list}개를 넘는 {held}: 너무 길다",
    "{name} of a range is read for whole numbers": "range의 {name}: 정수에 대해서만 읽는다",
    "the order of arrays and objects is not known; give a key that is a number or a text": ""
    "배열이나 객체의 순서는 알 수 없다. 수나 문자열을 키로 준다",
    "an exception that is thrown into a generator is not followed": "제너레이터 안으로 던지는 예외는 따라가지 않는다",
    "which text set.pop() takes changes from run to run in Python; sort them": ""
    "Python에서 set.pop()으로 꺼내는 문자열은 실행할 때마다 다르다. 정렬하여 쓴다",
    "a number of {count} characters is too long": "{count}자의 수는 너무 길다",
    "round to so many digits is not followed": "자릿수가 이렇게 많은 round는 따라가지 않는다",
    "the method {name} of a number is not followed": "수의 메서드 {name}: 따라가지 않는다",
    "@dataclass({name}={value}) is not followed": "@dataclass({name}={value}): 따라가지 않는다",
    "a field of a data class is compared that has no value of its own": "비교하는 데이터 클래스의 필드에 값이 없다",
    "fields that hold arrays are compared, which has no single truth": ""
    "배열이 담긴 필드를 비교하며, 그 참과 거짓은 하나로 정해지지 않는다",
    "{path} does not draw": "{path}: 수를 뽑지 않는다",
    "{what:said} takes {count} arguments, {count2} given": "{what}: 인수가 {count}개 필요하지만 {count2}개가 주어졌다",
    "{what:said} has no option {name}{hint:hint}": "{what}: 없는 옵션: {name}{hint}",
    "{what:said}: a size cannot be {sizes}": "{what}: 크기는 {sizes}일 수 없다",
    "{what:said}: an array of shape {shape} is too large": "{what}: 형상이 {shape}인 배열은 너무 크다",
    "each row draws numbers of its own, so the rows cannot be read together": ""
    "행마다 수를 따로 뽑으므로 모든 행을 함께 읽을 수 없다",
    "{path} may call a function of the text at any time": "{path}: 코드의 함수를 아무 때나 부를 수 있다",
    "this statement takes too many steps to follow": "이 문장은 따라가기에 단계가 너무 많다",
    "a {node} statement cannot be part of a forward pass": "{node} 문은 순전파에 쓸 수 없다",
    "nested too deeply to be read (more than {deepest} levels)": ""
    "너무 깊이 겹쳐 있어 읽을 수 없다 ({deepest}단계를 넘는다)",
    "a yield cannot be read here; write it as a statement of its own: yield x, or name = yield x": ""
    "여기의 yield는 읽을 수 없다. yield x 또는 name = yield x처럼 한 문장으로 따로 쓴다",
    "a {node} cannot be part of a forward pass": "{node}: 순전파에 쓸 수 없다",
    "this condition depends on values of the network; it has to be known from the code": ""
    "이 조건은 신경망의 값에 의존한다. 코드에서 알 수 있어야 한다",
    "a gradient decides here": "기울기의 값에 따라 정해지는 조건이다",
    "whether this object is true cannot be read": "이 객체가 참인지 읽을 수 없다",
    "a number of this length cannot be used": "이렇게 긴 수는 쓸 수 없다",
    "{value} is not a real number": "{value}: 실수가 아니다",
    "a text that holds a value of the network cannot be read": "신경망의 값이 들어 있는 문자열은 읽을 수 없다",
    "a dictionary or set needs keys that are known from the code": "딕셔너리나 집합의 키는 코드에서 알 수 있어야 한다",
    "an object with __hash__ or __eq__ of its own is not read as a key": ""
    "자신의 __hash__ 또는 __eq__ 메서드가 있는 객체는 키로 읽지 않는다",
    "** in a dictionary needs a dictionary": "딕셔너리 안의 **에는 딕셔너리가 필요하다",
    "the operator {op} cannot be part of a forward pass": "연산자 {op}: 순전파에 쓸 수 없다",
    "{sign} is read for whole numbers known from the code only": "{sign}: 코드에서 알 수 있는 정수에 대해서만 읽는다",
    "{one:said} stands in arithmetic with an array: Python's {one2} has no {sign} for it; make it np.array(…)": ""
    "배열과 함께 계산하는 {one}: Python의 {one2} 타입에는 이를 위한 {sign} 연산이 없다. np.array(…)로 만든다",
    "{one:said} stands in arithmetic with an array": "배열과 함께 계산할 수 없는 것: {one}",
    "a chain of comparisons of whole arrays is ambiguous; write two, joined by &": ""
    "배열을 통째로 잇달아 비교하면 뜻이 분명하지 않다. 둘로 나누어 &로 잇는다",
    "the type of an array's numbers decides here, which is not followed": ""
    "배열에 든 수의 자료형에 따라 정해지며, 이는 따라가지 않는다",
    "what a library gives that is not executed decides here": "실행하지 않는 라이브러리의 결과에 따라 정해진다",
    "nan decides here, which is not followed": "nan에 따라 정해지며, 이는 따라가지 않는다",
    "'in' is not read for arrays": "배열에 대한 'in'은 읽지 않는다",
    "a tensor is compared with a list, which PyTorch does not do entry by entry": ""
    "텐서를 리스트와 비교한다. PyTorch는 이를 원소마다 비교하지 않는다",
    "whether a view of a whole array is the array itself is up to the library": ""
    "배열 전체의 뷰가 그 배열 자체인지는 라이브러리에 달려 있다",
    "whether two numbers are the same object is up to Python; compare them by ==": ""
    "두 수가 같은 객체인지는 Python에 달려 있다. ==로 비교한다",
    "these values cannot be compared here": "이 값들은 여기에서 비교할 수 없다",
    "containers are nested too deeply to be compared": "너무 깊이 겹쳐 있어 비교할 수 없다",
    "'and' and 'or' between values of the network cannot be read": "신경망의 값에 쓴 'and'와 'or'는 읽을 수 없다",
    "whether there is {path}.{name} is not known, and an except depends on it": ""
    "{path}.{name}: 있는지 알 수 없는데, except에서 무엇을 할지가 여기에 달려 있다",
    "{value:said} has no {name} that can be read": "{value}: 없거나 읽을 수 없는 속성: {name}",
    "{value:said} cannot be indexed": "{value}: 첨자를 쓸 수 없다",
    "True and False as an index cannot be read": "첨자로 쓴 True와 False는 읽을 수 없다",
    "a single truth value as an index cannot be read": "첨자로 쓴 참이나 거짓 하나는 읽을 수 없다",
    "this index counts an axis of symbolic size": "이 첨자는 크기가 기호인 축에서 센다",
    "an index is computed as real numbers": "첨자가 실수로 계산된다",
    "an index is computed by the network; give its numbers as data": ""
    "첨자가 신경망에서 계산된다. 그 수를 데이터로 준다",
    "an index is out of range for an axis of {length}": "길이가 {length}인 축의 범위를 벗어나는 첨자이다",
    "entries picked by a condition have no fixed number; use np.where": ""
    "조건으로 고른 원소는 수가 정해져 있지 않다. np.where를 쓴다",
    "this indexing by arrays needs known sizes; use class indices as y_hat[np.arange(n), y]": ""
    "배열을 이렇게 첨자로 쓰려면 크기를 알아야 한다. 클래스 번호를 y_hat[np.arange(n), y]처럼 쓴다",
    "this indexing by arrays cannot be read; use class indices as y_hat[np.arange(n), y]": ""
    "배열을 이렇게 첨자로 쓴 것은 읽을 수 없다. 클래스 번호를 y_hat[np.arange(n), y]처럼 쓴다",
    "an index is out of range: {error:said}": "범위를 벗어나는 첨자이다: {error}",
    "a lambda with a yield cannot be read": "yield가 있는 lambda는 읽을 수 없다",
    "a yield inside this statement cannot be read": "이 문장 안의 yield는 읽을 수 없다",
    "a yield inside a larger expression cannot be read; write it as a statement of its own: yield x, or name = yield x": ""
    "더 큰 식 안의 yield는 읽을 수 없다. yield x 또는 name = yield x처럼 한 문장으로 따로 쓴다",
    "what is sent into a yield from cannot be read": "yield from에 보내는 것은 읽을 수 없다",
    "a yield inside a target cannot be read": "대입하는 자리 안의 yield는 읽을 수 없다",
    "a loop that yields and updates parameters is read for its first round only": ""
    "yield가 있고 매개변수를 갱신하는 반복문은 첫 번째 반복만 읽는다",
    "whether '{node}' succeeds is not known, and an except depends on it": ""
    "'{node}': 성공하는지 알 수 없는데, except에서 무엇을 할지가 여기에 달려 있다",
    "{kind} never ends, and cannot be written out": "{kind}: 끝나지 않으므로 풀어 쓸 수 없다",
    "generators take from each other too deeply to be read": ""
    "제너레이터가 서로에게서 너무 깊이 값을 받아서 읽을 수 없다",
    "arithmetic of whole numbers of few bits wraps around, which is not followed; make it astype(float) first": ""
    "비트 수가 적은 정수의 계산은 넘치면 처음으로 되돌아가며, 이는 따라가지 않는다. 먼저 astype(float)으로 바꾼다",
    "whether PyTorch takes operands of these types is not followed, and an except depends on it": ""
    "PyTorch에서 이런 자료형을 함께 쓸 수 있는지는 따라가지 않는데, except에서 무엇을 할지가 여기에 달려 있다",
    "@ of truth values is no arithmetic of numbers; write | or &, or astype(float) first": ""
    "참과 거짓의 @는 수의 계산이 아니다. |나 &를 쓰거나 먼저 astype(float)으로 바꾼다",
    "{sign} of truth values is no arithmetic of numbers; write | or &, or astype(float) first": ""
    "참과 거짓에 쓴 {sign} 연산은 수의 계산이 아니다. |나 &를 쓰거나 먼저 astype(float)으로 바꾼다",
    "~ is read for conditions only": "~ 연산은 조건에 대해서만 읽는다",
    "&, | and ^ are read for conditions only": "&, |, ^ 연산은 조건에 대해서만 읽는다",
    "whole numbers in an array have no negative powers; make it astype(float) first": ""
    "배열에 든 정수는 음수로 거듭제곱할 수 없다. 먼저 astype(float)으로 바꾼다",
    "whole numbers of {found} wrap around here; make it astype(float) first": ""
    "{found} 자료형의 정수가 여기에서 넘쳐 처음으로 되돌아간다. 먼저 astype(float)으로 바꾼다",
    "{name} is not in the text and is not followed": "{name}: 코드에 없으므로 따라가지 않는다",
    "the method {name} of {path} cannot be read": "{path}의 메서드 {name}: 읽을 수 없다",
    "the method {name} cannot be read here": "메서드 {name}: 여기에서는 읽을 수 없다",
    "the lists and texts of this code are too large together": "이 코드의 리스트와 문자열을 모두 더하면 너무 크다",
    "this code takes too many steps to follow": "이 코드는 따라가기에 단계가 너무 많다",
    "{written:said} with left=False takes two matrices": "{written}: left=False이면 행렬이 두 개 필요하다",
    "{written:said} of an array of shape {shape}; it takes a matrix": ""
    "{written}: 배열의 형상은 {shape}이지만 행렬이어야 한다",
    "the {what:said} of {written:said} needs numbers for its sizes": "{written}의 {what}: 크기가 수이어야 한다",
    "{written:said} with {name}={given} takes small singular values for 0, where it has no derivative; leave {name2} out": ""
    "{written}: {name}={given}이면 작은 특잇값을 0으로 보며, 거기에는 도함수가 없다. {name2} 옵션을 뺀다",
    "{written:said} takes at least two arrays": "{written}: 배열이 적어도 두 개 필요하다",
    "{written:said} with UPLO={uplo} cannot be read": "{written}: UPLO={uplo}이면 읽을 수 없다",
    "{written:said} with full_matrices=True completes U by columns that have no derivative; say full_matrices=False": ""
    "{written}: full_matrices=True이면 U에 도함수가 없는 열을 채운다. full_matrices=False라고 쓴다",
    "{written:said} with full_matrices=True completes V by columns that have no derivative; say full_matrices=False": ""
    "{written}: full_matrices=True이면 V에 도함수가 없는 열을 채운다. full_matrices=False라고 쓴다",
    "{written:said} with compute_uv=False fills U and V with zeros; take svdvals": ""
    "{written}: compute_uv=False이면 U와 V를 0으로 채운다. svdvals를 쓴다",
    "{written:said} with mode={mode} cannot be read; it is read with 'reduced'": ""
    "{written}: mode={mode}이면 읽을 수 없다. 'reduced'일 때 읽는다",
    "{written:said} with some=False completes Q by columns that have no derivative": ""
    "{written}: some=False이면 Q에 도함수가 없는 열을 채운다",
    "{written:said}: an array of shape {shape} has no diagonal there": ""
    "{written}: 형상이 {shape}인 배열에는 그 자리에 대각선이 없다",
    "{written:said}: a diagonal lies along two different axes": "{written}: 대각선은 서로 다른 두 축을 따라 놓인다",
    "{written:said} of shape {shape} needs numbers for its sizes": "형상이 {shape}인 {written}: 크기가 수이어야 한다",
    "nn.{kind} with {label}={attributes} cannot be read": "nn.{kind}: {label}={attributes}이면 읽을 수 없다",
    "{label} of {kind} is not made of real numbers": "{kind}의 {label}: 실수로 되어 있지 않다",
    "the attribute {label} holds a {name}, which cannot be read": "속성 {label}의 값은 읽을 수 없는 타입이다: {name}",
    "TensorDataset has no option {keywords}": "TensorDataset에 없는 옵션: {keywords}",
    "a DataLoader is read over a TensorDataset": "DataLoader는 TensorDataset에 대한 것만 읽는다",
    "a DataLoader with {option}= cannot be read": "DataLoader: {option}= 옵션이 있으면 읽을 수 없다",
    "batch_size cannot be {width}": "batch_size의 값은 {width}일 수 없다",
    "DataLoader: generator= has to be a torch.Generator": "DataLoader: generator=에는 torch.Generator를 준다",
    "a while loop without updates is written out at most {unrolled} times": ""
    "갱신이 없는 while 문은 많아야 {unrolled}번까지 풀어 쓴다",
    "loops inside loops run more than {rounds} times together; that is not written out": ""
    "반복문 안의 반복문이 모두 {rounds}번 넘게 돈다. 이는 풀어 쓰지 않는다",
    "a loop without updates is written out at most {unrolled} times": ""
    "갱신이 없는 반복문은 많아야 {unrolled}번까지 풀어 쓴다",
    "the loop runs {total} times; a loop without updates is written out at most {unrolled} times": ""
    "반복문이 {total}번 돈다. 갱신이 없는 반복문은 많아야 {unrolled}번까지 풀어 쓴다",
    "the loop on {at:at} trains and is read once: what it takes of its iterator is not known": ""
    "{at}의 반복문은 학습하는 것이므로 한 번만 읽는다. 반복자에서 무엇을 꺼내는지 알 수 없다",
    "{text} is data of the code, not computed by it; the loss has to be computed": ""
    "{text}: 코드에서 계산하지 않는 데이터이다. 손실은 계산되는 값이어야 한다",
    "{name} is a function that the code does not call; give the loss as an expression": ""
    "{name}: 코드에서 부르지 않는 함수이다. 손실을 식으로 준다",
    "the loss {text} is neither a name nor an expression": "손실 {text}: 이름도 식도 아니다",
    "it is a {lower}, not a number": "수가 아니라 {lower} 값이다",
    "{after} is computed after the update and cannot be part of the loss": ""
    "{after}: 갱신 뒤에 계산되므로 손실에 쓸 수 없다",
    "it reads no name of the code": "코드의 이름을 하나도 쓰지 않는다",
    "backward() is called on a number": "backward()를 수에 부른다",
    "{name} does not return a result that can be differentiated{value}": ""
    "{name}의 반환값은 미분할 수 있는 결과가 아니다{value}",
    "{base} is computed after the parameters were updated": "{base}: 매개변수를 갱신한 뒤에 계산된다",
    "a size cannot be {length}": "크기는 {length}일 수 없다",
    "an array of shape {found} is too large": "형상이 {found}인 배열은 너무 크다",
    "{written:said} without data cannot be read": "{written}: 데이터가 없으면 읽을 수 없다",
    "{written:said} with dtype={dtype} cannot be read": "{written}: dtype={dtype}이면 읽을 수 없다",
    "{written:said} of formulas with dtype={kind} has no derivative": ""
    "{written}: 식으로 된 배열을 dtype={kind}의 배열로 만들면 도함수가 없다",
    "{written:said} with dtype={kind} of a computed array has no derivative": ""
    "{written}: 계산된 배열을 dtype={kind}의 배열로 만들면 도함수가 없다",
    "{written:said} needs rows of numbers of equal length": "{written}: 길이가 같은 수의 행이 필요하다",
    "{written:said} takes sizes, or data": "{written}: 크기나 데이터를 준다",
    "an array of {count} formulas is too large": "식 {count}개의 배열은 너무 크다",
    "{written:said} needs a number known from the code": "{written}: 코드에서 알 수 있는 수가 필요하다",
    "{written:said} needs numbers known from the code": "{written}: 코드에서 알 수 있는 수들이 필요하다",
    "{written:said} of this size cannot be read": "{written}: 이 크기로는 읽을 수 없다",
    "{written:said} of {length} entries is too large": "{written}: 원소 {length}개는 너무 많다",
    "{written:said} of fractions with dtype={kind} cannot be read": ""
    "{written}: 정수가 아닌 수를 dtype={kind}의 배열로 만들면 읽을 수 없다",
    "{written:said} with retstep=True cannot be read": "{written}: retstep=True이면 읽을 수 없다",
    "{written:said} of {length} entries cannot be read": "{written}: 원소가 {length}개이면 읽을 수 없다",
    "a list of {count} entries is too long": "항목이 {count}개인 리스트는 너무 길다",
    "data of a tensor is replaced while another array shows its memory; write x.data.copy_(…) where the memory stays": ""
    "다른 배열이 메모리를 함께 쓰는 텐서의 데이터를 바꾼다. 메모리가 그대로이면 x.data.copy_(…)처럼 쓴다",
    "a tensor is changed in place by another part of itself that it overlaps; write .clone() around what is read": ""
    "텐서를 자신의 겹치는 부분으로 제자리에서 바꾼다. 읽는 쪽에 .clone()을 붙인다",
    "the running statistics of {what:said} are changed by its call in training mode on {at:at}, which is not followed; call eval() before it": ""
    "{what}: {at}에서 학습 상태로 불러서 이동 평균(running statistics)이 바뀌며, 이는 따라가지 않는다. 앞에서 eval()을 부른다",
    "an array of shape {shape} cannot take a result of shape {shape2} in place": ""
    "형상이 {shape}인 배열에 형상이 {shape2}인 결과를 제자리에서 쓸 수 없다",
    "an array is changed in place of which it cannot be said whether another one is the same memory; write .copy() where a copy is meant": ""
    "배열을 제자리에서 바꾸는데, 다른 배열과 메모리가 같은지 알 수 없다. 사본을 뜻하는 곳에 .copy()를 쓴다",
    "entries that stand several times in one view cannot be changed in place": ""
    "한 뷰에 여러 번 나오는 원소는 제자리에서 바꿀 수 없다",
    "{length} separate parts of an array are changed in place; at most {unrolled}": ""
    "배열의 떨어진 부분 {length}개를 제자리에서 바꾼다. {unrolled}개까지 읽는다",
    "a part of an axis of symbolic size {length} is changed in place; give its length": ""
    "크기가 기호({length})인 축의 일부를 제자리에서 바꾼다. 그 길이를 준다",
    "an array is put together from more than {unrolled} parts": "부분 {unrolled}개가 넘는 것을 모아 배열을 만든다",
    "an array of whole numbers is given other numbers in place, which it would cut; make it an array of floats": ""
    "정수 배열에 다른 수를 제자리에서 쓰면 소수점 아래가 잘린다. 실수 배열로 만든다",
    "an array of truth values is given other numbers in place, which it would cut; make it an array of floats": ""
    "참과 거짓의 배열에 다른 수를 제자리에서 쓰면 값이 잘린다. 실수 배열로 만든다",
    "a part of shape {shape} cannot take values of shape {shape2}": ""
    "형상이 {shape}인 부분에 형상이 {shape2}인 값을 쓸 수 없다",
    "entries of shape {shape} cannot take values of shape {shape2}": ""
    "형상이 {shape}인 원소들에 형상이 {shape2}인 값을 쓸 수 없다",
    "a tensor is indexed by whole numbers of few bits, which are a condition to PyTorch, or no index; write .long() or .bool()": ""
    "텐서의 첨자가 비트 수가 적은 정수이다. PyTorch에서 이는 조건이거나 첨자가 아니다. .long() 또는 .bool()을 쓴다",
    "entries picked by indices that are not known are changed in place; give the indices a value": ""
    "알 수 없는 첨자로 고른 원소를 제자리에서 바꾼다. 첨자의 값을 준다",
    "entries of an array of symbolic size are changed in place by indices": ""
    "크기가 기호인 배열의 원소를 첨자로 골라 제자리에서 바꾼다",
    "{size} entries are changed in place by indices; at most {unrolled}": ""
    "첨자로 고른 원소 {size}개를 제자리에서 바꾼다. {unrolled}개까지 읽는다",
    "an entry of a tensor is given several values by one index; PyTorch does not say which of them stays": ""
    "텐서의 한 원소에 첨자 하나로 값을 여럿 준다. PyTorch에서는 어느 값이 남는지 정해져 있지 않다",
    "a condition of shape {shape} cannot choose in an array of shape {shape2}": ""
    "형상이 {shape2}인 배열에서 형상이 {shape}인 조건으로 고를 수 없다",
    "entries chosen by a condition take one value for all, or np.where": ""
    "조건으로 고른 원소에는 모두 같은 값 하나를 주거나 np.where를 쓴다",
    "{count} of nn.{kind} is not followed": "nn.{kind}의 {count}: 따라가지 않는다",
    "{name}() of a module with {unknown:said} cannot be read": "{unknown} 모듈의 {name}(): 읽을 수 없다",
    "the prefix of {name}() has to be a text": "{name}()의 prefix는 문자열이어야 한다",
    "{name}() of a module with nn.BatchNorm cannot be read": "nn.BatchNorm이 있는 모듈의 {name}(): 읽을 수 없다",
    "{name}() of a module with an argument cannot be read": "모듈의 {name}()에 인수가 있으면 읽을 수 없다",
    "load_state_dict is read for the state of another module, without options": ""
    "load_state_dict는 다른 모듈의 상태를 옵션 없이 준 것만 읽는다",
    "load_state_dict: {apart} is not in both{hint:hint}": ""
    "load_state_dict: 둘 가운데 하나에만 있는 이름: {apart}{hint}",
    "load_state_dict is read where all numbers are known, {key} has none": ""
    "load_state_dict는 모든 수를 알 때만 읽는다. 수를 알 수 없는 것: {key}",
    "nn.{name} with {keywords}= cannot be read": "nn.{name}: {keywords}= 옵션이 있으면 읽을 수 없다",
    "nn.{name} takes {count} options, {count2} given": "nn.{name}: 옵션은 {count}개까지이지만 {count2}개가 주어졌다",
    "nn.{name} is given {label} twice": "nn.{name}: {label}의 값이 두 번 주어졌다",
    "nn.{name} has no option {unknown}{hint:hint}": "nn.{name}: 없는 옵션: {unknown}{hint}",
    "nn.{kind} needs {label}": "nn.{kind}: {label}의 값이 필요하다",
    "{label} of nn.{kind} has to be known from the code": "nn.{kind}의 {label}: 코드에서 알 수 있어야 한다",
    "{label} of nn.{kind} cannot be {value}": "nn.{kind}의 {label}: {value}일 수 없다",
    "a container of parameters holds tensors": "매개변수의 컨테이너에는 텐서를 담는다",
    "a container of parameters is given a tensor that is no parameter": ""
    "매개변수의 컨테이너에 매개변수가 아닌 텐서를 준다",
    "{name}() gives {holder:said} other parameters, which is not followed": ""
    "{name}(): {holder}에 다른 매개변수를 주며, 이는 따라가지 않는다",
    "{holder:said} has no {name}{hint:hint}": "{holder}: 없는 이름: {name}{hint}",
    "super() of a class that the object is not of cannot be read": "객체가 속하지 않은 클래스의 super()는 읽을 수 없다",
    "super().__class__ cannot be read": "super().__class__는 읽을 수 없다",
    "super().{name} is not in the text, and is not followed": "super().{name}: 코드에 없으므로 따라가지 않는다",
    "{name}.__init__ needs an object": "{name}.__init__에는 객체가 필요하다",
    "the property {name} of the class {name2} is not read without an object": ""
    "클래스 {name2}의 프로퍼티 {name}: 객체 없이는 읽지 않는다",
    "{name} is a torch.autograd.Function, which says its own gradient; a custom one cannot be read": ""
    "{name}: 기울기를 스스로 정하는 torch.autograd.Function이다. 직접 만든 것은 읽을 수 없다",
    "the class {name} has its own {unread}, which is not followed": ""
    "클래스 {name}: 자신의 {unread} 메서드가 있으며, 이는 따라가지 않는다",
    "{name} has no __init__ that takes arguments": "{name}: 인수를 받는 __init__ 메서드가 없다",
    "the enumeration {name} cannot be called like this here": "열거형 {name}: 여기에서 이렇게 부를 수 없다",
    "an object of the class {name} cannot be called": "클래스 {name}의 객체는 부를 수 없다",
    "nn.{kind}: {error:said}": "nn.{kind} 층: {error}",
    "nn.{kind} cannot be called; call what it holds": "nn.{kind}: 부를 수 없다. 담긴 것을 부른다",
    "nn.{kind} is called with {name}, which is not followed": "nn.{kind}: {name} 옵션으로 부르며, 이는 따라가지 않는다",
    "the class {kind} has no forward method": "클래스 {kind}: forward 메서드가 없다",
    "{name} needs a name and a value": "{name}: 이름과 값이 필요하다",
    "requires_grad_() of a module with a computed parameter cannot be read": ""
    "계산된 매개변수가 있는 모듈의 requires_grad_()는 읽을 수 없다",
    "there is no {key} in nn.{kind}{hint:hint}": "nn.{kind}에 없는 것: {key}{hint}",
    "index {at} is out of range for {count} layers": "층이 {count}개일 때 첨자 {at}의 값은 범위를 벗어난다",
    "{holder:said} is given another forward, which cannot be read": ""
    "{holder}: forward에 다른 것을 대입하며, 이는 읽을 수 없다",
    "{name}.{name2} is given a value, which is not followed": "{name}.{name2}: 값을 대입하며, 이는 따라가지 않는다",
    "{name}.{name2} is given a method of another class, which cannot be read": ""
    "{name}.{name2}: 다른 클래스의 메서드를 대입하며, 이는 읽을 수 없다",
    "{holder:said} has no {name} to give a value to": "{holder}: 값을 줄 수 있는 이름이 아니다: {name}",
    "{name} is given a value that is not data": "{name}: 데이터가 아닌 값을 대입한다",
    "{name} has shape {shape}, its data cannot have {shape2}": ""
    "{name}의 형상은 {shape}이다. 그 데이터의 형상은 {shape2}일 수 없다",
    "{holder:said} cannot be looped over": "{holder}: 반복문을 쓸 수 없다",
    "not a notebook: the file is not JSON ({error:said})": "노트북이 아니다. 파일이 JSON이 아니다 ({error})",
    "the notebook has the format before version 4; save it with a newer Jupyter": ""
    "노트북이 버전 4보다 오래된 형식이다. 새 Jupyter로 다시 저장한다",
    "there is no cell {strip}; the notebook has code cells 1 to {count}": ""
    "없는 셀: {strip}. 노트북의 코드 셀은 1부터 {count}까지이다",
    "no cell is chosen": "고른 셀이 없다",
    "the random function np.random.{name:said} is not known{hint:hint}": ""
    "알려지지 않은 난수 함수: np.random.{name}{hint}",
    "the random function {name:said} of a random generator is not known{hint:hint}": ""
    "난수 생성기의 알려지지 않은 난수 함수: {name}{hint}",
    "np.random.{name:said} with out= cannot be read": "np.random.{name}: out= 옵션이 있으면 읽을 수 없다",
    "{name:said} of a random generator with out= cannot be read": ""
    "난수 생성기의 {name}: out= 옵션이 있으면 읽을 수 없다",
    "what {what:said} draws is not an array of numbers": "{what}: 뽑는 것이 수의 배열이 아니다",
    "{what:said} needs a size known from the code": "{what}: 코드에서 알 수 있는 크기가 필요하다",
    "{what:said} needs a": "{what}: a의 값이 필요하다",
    "{what:said} needs x": "{what}: x의 값이 필요하다",
    "{what:said} needs an array whose shape is known": "{what}: 형상을 아는 배열이 필요하다",
    "{what:said} needs an array, or a whole number known from the code": ""
    "{what}: 배열이나, 코드에서 알 수 있는 정수가 필요하다",
    "what {what:said} takes from the list is not known; seed it in the code, or give a seed": ""
    "{what}: 리스트에서 무엇을 꺼내는지 알 수 없다. 코드에서 시드를 정하거나 시드를 준다",
    "{what:said}: a must be 1-dimensional": "{what}: a는 1차원이어야 한다",
    "{what:said} moves single entries of an array of shape {shape}, which cannot be read": ""
    "{what}: 형상이 {shape}인 배열의 원소를 하나씩 옮기며, 이는 읽을 수 없다",
    "{written:said} of whole numbers is cut to whole numbers; write 1 / x": ""
    "정수의 {written}: 결과가 정수로 잘린다. 1 / x라고 쓴다",
    "log({x}, {base}): {error:said}": "log({x}, {base})의 계산: {error}",
    "t() of an array with {ndim} axes": "축이 {ndim}개인 배열의 t()",
    "axes {a} and {b} of an array with {ndim} axes cannot be swapped": ""
    "축이 {ndim}개인 배열의 축 {a}, {b}: 서로 바꿀 수 없다",
    "{written:said} cannot be read with writeable or subok; leave both out": ""
    "{written}: writeable이나 subok 옵션이 있으면 읽을 수 없다. 둘 다 뺀다",
    "{written:said}: windows of {sizes} along the axes {places} do not fit an array with {ndim} axes": ""
    "{written}: 축이 {ndim}개인 배열에, 축 {places}에 대한 창 {sizes}: 서로 맞지 않는다",
    "{written:said}: an array of shape {shape} has no axis {axis}": ""
    "{written}: 형상이 {shape}인 배열에 {axis}번 축이 없다",
    "{written:said}: axis {axis} is out of range for a result with {rank} axes": ""
    "{written}: 축이 {rank}개인 결과에서 {axis}번 축은 범위를 벗어난다",
    "{written:said}: axis {axes} of an array of shape {shape} has more than one entry": ""
    "{written}: 형상이 {shape}인 배열의 {axes}번 축에는 원소가 여럿이다",
    "{written:said} with order={order} depends on where entries lie in memory; say order='C' or 'F'": ""
    "{written}: order={order}의 결과는 원소가 메모리에 놓인 순서에 달려 있다. order='C' 또는 'F'라고 쓴다",
    "{written:said} with dtype={shape} reads the same memory as other numbers": ""
    "{written}: dtype={shape}이면 같은 메모리를 다른 수로 읽는다",
    "flatten of axes {first} to {last}: {form} has {ndim} axes": ""
    "{first}번부터 {last}번까지 축의 flatten: {form}의 축은 {ndim}개이다",
    "{written:said} to {sizes}: -1 stands for an axis that is there": "{written}, {sizes}: -1은 있는 축을 나타낸다",
    "an axis of length {length} cannot be split by {count}": "길이가 {length}인 축은 {count}개씩 나눌 수 없다",
    "the parts of a split make {ends}, the axis has length {length}": ""
    "나눈 부분의 크기를 더하면 {ends}이지만 축의 길이는 {length}이다",
    "{count} chunks cannot be made": "조각 {count}개는 만들 수 없다",
    "axis {axis} is out of range for an array with {ndim} axes": ""
    "축이 {ndim}개인 배열에서 {axis}번 축은 범위를 벗어난다",
    "an axis of length {length} cannot be cut into parts": "길이가 {length}인 축은 부분으로 자를 수 없다",
    "{form} of shape {shape} has no triangle that can be read": ""
    "형상이 {shape}인 {form}: 읽을 수 있는 삼각 부분이 없다",
    "F.dropout zeroes entries at random in training, which has no formula; say training=False, or use p=0": ""
    "F.dropout은 학습할 때 원소를 무작위로 0으로 만들므로 식이 없다. training=False라고 쓰거나 p=0을 쓴다",
    "attention with dropout_p zeroes entries at random, which has no formula": ""
    "dropout_p가 있는 어텐션은 원소를 무작위로 0으로 만들므로 식이 없다",
    "attention takes attn_mask or is_causal, not both": "어텐션에는 attn_mask와 is_causal 가운데 하나만 준다",
    "attention needs a known width": "어텐션의 폭을 알아야 한다",
    "a causal mask needs known lengths": "인과(causal) 마스크를 쓰려면 길이를 알아야 한다",
    "{written:said} with mode={mode} cannot be read; it is read with mode='constant'": ""
    "{written}: mode={mode}이면 읽을 수 없다. mode='constant'일 때 읽는다",
    "{written:said} is read with one number for constant_values": ""
    "{written}: constant_values에 수를 하나 준 것만 읽는다",
    "{written:said} takes a width, a pair, or one pair per axis": "{written}: 폭 하나, 한 쌍, 또는 축마다 한 쌍을 준다",
    "F.pad takes pairs of widths, the last axis first": "F.pad에는 폭을 쌍으로, 마지막 축부터 준다",
    "F.pad with a negative width is read only as a slice": "F.pad에 음수 폭을 준 것은 슬라이스일 때만 읽는다",
    "{written:said} needs a condition and two values": "{written}: 조건 하나와 값 둘이 필요하다",
    "einsum is read with its letters as a text first": "einsum은 첨자 글자를 문자열로 먼저 준 것만 읽는다",
    "einsum {spec} needs '->' and at most one '...' each": ""
    "einsum {spec}: '->'가 있어야 하고 '...'은 양쪽에 많아야 하나이다",
    "einsum {spec} does not fit its operands": "einsum {spec}: 주어진 배열과 맞지 않는다",
    "in einsum {spec}: {letter} is {sizes} and {length}": ""
    "einsum {spec}: 첨자 {letter}의 크기가 {sizes}이면서 {length}이다",
    "einsum {spec} asks for an index no operand has, or for one twice": ""
    "einsum {spec}: 어느 배열에도 없는 첨자를 쓰거나 한 첨자를 두 번 쓴다",
    "one_hot needs num_classes": "one_hot에는 num_classes가 필요하다",
    "{written:said} of the type of another array is read where that holds real numbers": ""
    "{written}: 다른 배열의 자료형을 쓸 때는 그 배열이 실수 배열이어야 읽는다",
    "{written:said} with dtype={dtype}: this type is not known": "{written}: dtype={dtype}: 알려지지 않은 자료형이다",
    "{written:said} with dtype={dtype}: {problem:said}": "{written}, dtype={dtype}일 때: {problem}",
    "a cast to whole numbers has no derivative": "정수로 바꾸는 것에는 도함수가 없다",
    "these whole numbers are beyond {target} and wrap around": ""
    "이 정수는 {target} 자료형의 범위를 벗어나 처음으로 되돌아간다",
    "{written:said} of shape {shape} is too long a list": "형상이 {shape}인 {written}: 리스트로 너무 길다",
    "requires_grad_() is read for data only": "requires_grad_()는 데이터에 대해서만 읽는다",
    "item() is read without an index; write x[i].item()": "item()은 첨자 없이 쓴 것만 읽는다. x[i].item()처럼 쓴다",
    "item() of shape {shape}: it has more than one element": "형상이 {shape}인 배열의 item(): 원소가 여럿이다",
    "{kind} says that it has no {name}": "{kind}: 없다고 스스로 밝힌 연산: {name}",
    "{name} of the class {name2} is no plain method, which is not followed": ""
    "클래스 {name2}의 {name}: 평범한 메서드가 아니므로 따라가지 않는다",
    "an array is asked to take part in an operator of an object, which is not followed": ""
    "객체의 연산자에 배열이 쓰이며, 이는 따라가지 않는다",
    "NumPy asks an object of {kind} once for every entry of the array at its left, which is not followed; write {kind2} at the left, or __array_ufunc__ = None in its class": ""
    "{kind}의 객체: NumPy는 왼쪽 배열의 원소마다 한 번씩 이 객체의 연산을 부르며, 이는 따라가지 않는다. {kind2}의 객체를 왼쪽에 쓰거나 그 클래스에 __array_ufunc__ = None이라고 쓴다",
    "namespaces are compared by what they hold, which is not followed": ""
    "네임스페이스를 담긴 것으로 비교하며, 이는 따라가지 않는다",
    "{name} is a schedule of an optimizer, which cannot be read here": ""
    "{name}: 최적화 방법의 일정이므로 여기에서는 읽을 수 없다",
    "{error:said}; the learning rate stays as it is": "{error}. 학습률은 그대로 둔다",
    "whether {path} raises an exception is not known": "{path}: 예외를 일으키는지 알 수 없다",
    "{path} on {at:at} is not executed, and what it gives is not known; describe the names that hold data by shapes= or values= (--shape X=100,4 or --set)": ""
    "{path}: {at}에서 실행하지 않으므로 결과를 알 수 없다. 데이터를 담은 이름의 형상이나 값을 shapes=, values= (--shape X=100,4 또는 --set) 옵션으로 준다",
    "what is detached here depends on {names:items}; that cannot be derived; leave it out by wrt= (--wrt {names2})": ""
    "여기에서 떼어 낸(detach) 값이 다음에 의존한다: {names}. 이것은 유도할 수 없다. wrt= (--wrt {names2}) 옵션으로 뺀다",
    "what is detached here depends on {names:items}; that cannot be derived": ""
    "여기에서 떼어 낸(detach) 값이 다음에 의존한다: {names}. 이것은 유도할 수 없다",
    "{base} is detached from the gradient here but depends on {names:items}; that cannot be derived; leave it out by wrt= (--wrt {names2})": ""
    "{base}: 여기에서 기울기로부터 떼어 냈지만(detach) 다음에 의존한다: {names}. 이것은 유도할 수 없다. wrt= (--wrt {names2}) 옵션으로 뺀다",
    "{base} is detached from the gradient here but depends on {names:items}; that cannot be derived": ""
    "{base}: 여기에서 기울기로부터 떼어 냈지만(detach) 다음에 의존한다: {names}. 이것은 유도할 수 없다",
    "what is computed under no_grad() depends on {names:items}; that cannot be derived; leave it out by wrt= (--wrt {names2})": ""
    "no_grad() 안에서 계산한 값이 다음에 의존한다: {names}. 이것은 유도할 수 없다. wrt= (--wrt {names2}) 옵션으로 뺀다",
    "what is computed under no_grad() depends on {names:items}; that cannot be derived": ""
    "no_grad() 안에서 계산한 값이 다음에 의존한다: {names}. 이것은 유도할 수 없다",
    "{base} is computed under no_grad() but depends on {names:items}; that cannot be derived; leave it out by wrt= (--wrt {names2})": ""
    "{base}: no_grad() 안에서 계산했지만 다음에 의존한다: {names}. 이것은 유도할 수 없다. wrt= (--wrt {names2}) 옵션으로 뺀다",
    "{base} is computed under no_grad() but depends on {names:items}; that cannot be derived": ""
    "{base}: no_grad() 안에서 계산했지만 다음에 의존한다: {names}. 이것은 유도할 수 없다",
    "what is detached here depends on {names:items}; that cannot be derived; leave them out by wrt= (--wrt {names2})": ""
    "여기에서 떼어 낸(detach) 값이 다음에 의존한다: {names}. 이것은 유도할 수 없다. wrt= (--wrt {names2}) 옵션으로 뺀다",
    "{base} is detached from the gradient here but depends on {names:items}; that cannot be derived; leave them out by wrt= (--wrt {names2})": ""
    "{base}: 여기에서 기울기로부터 떼어 냈지만(detach) 다음에 의존한다: {names}. 이것은 유도할 수 없다. wrt= (--wrt {names2}) 옵션으로 뺀다",
    "what is computed under no_grad() depends on {names:items}; that cannot be derived; leave them out by wrt= (--wrt {names2})": ""
    "no_grad() 안에서 계산한 값이 다음에 의존한다: {names}. 이것은 유도할 수 없다. wrt= (--wrt {names2}) 옵션으로 뺀다",
    "{base} is computed under no_grad() but depends on {names:items}; that cannot be derived; leave them out by wrt= (--wrt {names2})": ""
    "{base}: no_grad() 안에서 계산했지만 다음에 의존한다: {names}. 이것은 유도할 수 없다. wrt= (--wrt {names2}) 옵션으로 뺀다",
    "{written:said} without {name} cannot be read": "{written}: {name} 옵션이 없으면 읽을 수 없다",
    "{written:said} with {name}={value} cannot be read": "{written}: {name}={value}이면 읽을 수 없다",
    "{name} of {written:said} has to be known from the code": "{written}의 {name}: 코드에서 알 수 있어야 한다",
    "{name} of {written:said} has to be a number known from the code": ""
    "{written}의 {name}: 코드에서 알 수 있는 수이어야 한다",
    "{sign} is not read for plain numbers": "평범한 수에 쓴 {sign} 연산은 읽지 않는다",
    "the power {left:said}{sign}{right:said} is too large": "거듭제곱 {left}{sign}{right}: 너무 크다",
    "division by zero": "0으로 나눈다",
    "{left:said} {sign} {right:said} is too large": "{left} {sign} {right}: 너무 크다",
    "{left:said} {sign} {right:said} is not a number that can be used": "{left} {sign} {right}: 쓸 수 있는 수가 아니다",
    "{left:said} {sign} {right:said} is not a real number": "{left} {sign} {right}: 실수가 아니다",
    "a whole number of {bit_length} bits is too large": "{bit_length}비트의 정수는 너무 크다",
    "{left:said}{sign}{right:said} is too large": "{left}{sign}{right}: 너무 크다",
    "a dictionary is updated here by another dictionary only": "딕셔너리는 여기에서 다른 딕셔너리로만 갱신한다",
    "methods of Python's own objects are not compared": "Python 자체 객체의 메서드는 비교하지 않는다",
    "whether two {left}s are the same object is up to Python; compare them by ==": ""
    "{left} 객체 둘이 같은 객체인지는 Python에 달려 있다. ==로 비교한다",
    "an index into a list has to be known from the code": "리스트의 첨자는 코드에서 알 수 있어야 한다",
    "an end of a slice has to be known from the code": "슬라이스의 끝은 코드에서 알 수 있어야 한다",
    "Python raises {name} here: {message:said}": "Python에서 여기에 {name} 예외가 일어난다: {message}",
    "nested too deeply, or too large, to be read": "너무 깊이 겹쳐 있거나 너무 커서 읽을 수 없다",
    "{name} of a {value} is not followed; write the operator or function for it": ""
    "{value} 타입의 {name}: 따라가지 않는다. 같은 일을 하는 연산자나 함수를 쓴다",
    "{name} of a {value} is not followed": "{value} 타입의 {name}: 따라가지 않는다",
    "{what:said}: whether {known} is a whole number here cannot be known": ""
    "{what}: {known}: 정수인지 여기에서 알 수 없다",
    "{what:said} depends on values of the network; it has to be known from the code": ""
    "{what}: 신경망의 값에 의존한다. 코드에서 알 수 있어야 한다",
    "a {what:said} of {count} entries is too long": "항목이 {count}개인 {what}: 너무 길다",
    "a {what:said} of so many entries is too long": "항목이 이렇게 많은 {what}: 너무 길다",
    "a text of {count} characters is too long": "{count}자의 문자열은 너무 길다",
    "a text of so many characters is too long": "이렇게 긴 문자열은 쓸 수 없다",
    "a container that holds itself cannot be compared, copied or written out": ""
    "자기 자신을 담은 컨테이너는 비교하거나 복사하거나 써낼 수 없다",
    "containers are nested too deeply (more than {deepest_value} levels)": ""
    "컨테이너가 너무 깊이 겹쳐 있다 ({deepest_value}단계를 넘는다)",
    "a nest of more than {largest_value} values is too large": ""
    "값이 {largest_value}개를 넘는 겹친 컨테이너는 너무 크다",
    "objects of {kind} have an == of their own, which is not followed here": ""
    "{kind}의 객체: 자신의 == 연산이 있으며, 여기에서는 이를 따라가지 않는다",
    "functions and types inside containers are not compared": "컨테이너 안의 함수와 타입은 비교하지 않는다",
    "comparing arrays inside containers is ambiguous; compare their entries": ""
    "컨테이너 안의 배열을 비교하면 뜻이 분명하지 않다. 그 원소를 비교한다",
    "a key has to be a plain value that is known from the code": "키는 코드에서 알 수 있는 평범한 값이어야 한다",
    "the order of this set changes from run to run in Python; sort it": ""
    "파이썬에서 이 집합의 순서는 실행할 때마다 다르다. 정렬하여 쓴다",
    "this walk has no end that can be reached": "이 반복은 다다를 수 있는 끝이 없다",
    "a list of so many entries is too long": "이렇게 긴 리스트는 쓸 수 없다",
    "the random function random.{name:said} is not known{hint:hint}": "알려지지 않은 난수 함수: random.{name}{hint}",
    "random.getrandbits of more than {longest} bits cannot be read": ""
    "{longest}비트를 넘는 random.getrandbits는 읽을 수 없다",
    "random.{name:said} needs {label}": "random.{name}: {label}의 값이 필요하다",
    "random.sample with counts= cannot be read": "random.sample: counts= 옵션이 있으면 읽을 수 없다",
    "what random.{name:said} takes is not known; seed it by random.seed(0) in the code, or give a seed": ""
    "random.{name}: 무엇을 꺼내는지 알 수 없다. 코드에서 random.seed(0)으로 시드를 정하거나 시드를 준다",
    "whether {operator_signs} raises an exception here depends on whose numbers these are, which is not followed": ""
    "{operator_signs} 연산에서 예외가 일어나는지는 어느 라이브러리의 수인지에 달려 있으며, 이는 따라가지 않는다",
    "whether math.{name} raises an exception is not read for all rows at once": ""
    "math.{name}: 예외를 일으키는지를 모든 행에 대하여 한꺼번에 읽지 않는다",
    "{path} needs True or False": "{path}: True 또는 False가 필요하다",
    "{path} of this cannot be read": "{path}: 이런 것에 쓰면 읽을 수 없다",
    "{what:said} on {at:at} switches the recording of gradients in a way that is not followed; write with torch.no_grad():": ""
    "{what}: {at}에서 따라갈 수 없는 방식으로 기울기의 기록을 켜거나 끈다. with torch.no_grad():라고 쓴다",
    "this context is left without being entered": "들어간 적이 없는 컨텍스트에서 나온다",
    "a context of PyTorch is called with one function": "PyTorch의 컨텍스트에는 함수 하나를 준다",
    "torch.no_grad() and its kin are read around functions of the text only": ""
    "torch.no_grad()와 같은 것들은 코드의 함수를 감쌀 때만 읽는다",
    "a context of PyTorch has no {name} that can be read": "PyTorch의 컨텍스트에 없거나 읽을 수 없는 이름: {name}",
    "a row of an array is computed under no_grad(); that is read for all rows at once": ""
    "배열의 한 행을 no_grad() 안에서 계산한다. 이는 모든 행에 대하여 한꺼번에 쓸 때만 읽는다",
    "a tensor is given other numbers without gradients, and to PyTorch it stays computed from what it was; make a new tensor, or change a copy, x.detach().clone()": ""
    "텐서에 기울기 없이 다른 수를 주지만, PyTorch는 이 텐서를 여전히 이전 값에서 계산된 것으로 본다. 새 텐서를 만들거나 사본 x.detach().clone()을 바꾼다",
    "{base} is changed in place without gradients, and its gradient is that of its new numbers; give it them when it is made": ""
    "{base}: 기울기 없이 제자리에서 바뀌며, 기울기는 새 값에 대한 것이다. 만들 때 그 값을 준다",
    "{base} is changed through .data after the loss has used it: PyTorch computes the gradient with the new numbers; write .clone() where it is used": ""
    "{base}: 손실에서 쓴 뒤에 .data로 바뀐다. PyTorch는 새 값으로 기울기를 계산한다. 쓰는 곳에 .clone()을 붙인다",
    "{base} has requires_grad=False, so PyTorch has no gradient for it": ""
    "{base}: requires_grad=False이므로 PyTorch에 이에 대한 기울기가 없다",
    "{base} is used while its requires_grad is False, and later it is True: no gradient passes the first use": ""
    "{base}: requires_grad가 False일 때 쓰고 나중에 True가 된다. 처음 쓴 곳으로는 기울기가 지나가지 않는다",
    "PyTorch has no mean of whole numbers, and an except depends on it": ""
    "PyTorch에는 정수의 평균이 없는데, except에서 무엇을 할지가 여기에 달려 있다",
    "{written:said} with where= needs initial=": "{written}: where= 옵션이 있으면 initial= 옵션도 필요하다",
    "where a {kind} stands is not part of a formula; argmax is not read here": ""
    "{kind} 값이 어디에 있는지는 식의 일부가 아니다. 여기에서 argmax는 읽지 않는다",
    "{written:said} of a list needs items of one shape": "리스트의 {written}: 항목의 형상이 모두 같아야 한다",
    "{written:said} takes weights of the array's shape, or one for each entry of axis": ""
    "{written}: 배열과 형상이 같은 가중치나, 축의 원소마다 하나씩인 가중치를 준다",
    "{written:said} of {value} entries divides by zero": "{written}: 원소가 {value}개이면 0으로 나눈다",
    "{written:said} takes ddof or correction, not both": "{written}: ddof와 correction 가운데 하나만 준다",
    "{written:said} with ord= takes a vector or a matrix": "{written}: ord= 옵션은 벡터나 행렬에 쓴다",
    "{written:said} of a vector has no ord={power}": "{written}: 벡터에는 ord={power} 노름이 없다",
    "a norm of order {power} cannot be read": "{power}차 노름은 읽을 수 없다",
    "{written:said} takes one axis or two": "{written}: 축을 하나나 둘 준다",
    "{written:said} with p={power} is made of singular values, which are read of one matrix": ""
    "{written}: p={power} 노름은 특잇값으로 이루어지며, 행렬 하나에 대해서만 읽는다",
    "{written:said} with ord={power} is made of singular values, which are read of one matrix": ""
    "{written}: ord={power} 노름은 특잇값으로 이루어지며, 행렬 하나에 대해서만 읽는다",
    "{written:said} with p={power}: {error:said}": "{written}, p={power}일 때: {error}",
    "{written:said} with ord={power}: {error:said}": "{written}, ord={power}일 때: {error}",
    "{written:said} takes a matrix, and two of its axes as dim": ""
    "{written}: 행렬과, 그 두 축을 나타내는 dim이 필요하다",
    "{written:said} takes a matrix, and two of its axes as axis": ""
    "{written}: 행렬과, 그 두 축을 나타내는 axis가 필요하다",
    "nn.{name} is not known{hint:hint}": "알려지지 않은 층: nn.{name}{hint}",
    "nn.{name} with a {label:said} cannot be read": "nn.{name}: {label} 값이 있으면 읽을 수 없다",
    "{written:said} with axis=None runs over all axes together; say axis=": ""
    "{written}: axis=None이면 모든 축에 대하여 한꺼번에 계산한다. axis= 옵션을 쓴다",
    "{name} of an array with three axes needs dim=": "{name}: 축이 세 개인 배열에는 dim= 옵션이 필요하다",
    "{name} has to be known from the code": "{name}: 코드에서 알 수 있어야 한다",
    "the sizes of a layer have to be whole numbers, got {shape}": "층의 크기는 정수이어야 한다. 주어진 것: {shape}",
    "a parameter of shape {shape} is too large": "형상이 {shape}인 매개변수는 너무 크다",
    "{key} has shape {shape} by its layer, it cannot be {shapes}": ""
    "{key}의 형상은 층에 따라 {shape}이다. {shapes}일 수 없다",
    "{key} is given a value of shape {shape}, in the model it has {shape2}": ""
    "{key}에 형상이 {shape}인 값을 준다. 모델에서는 형상이 {shape2}이다",
    "a {name} is neither a path nor a function": "파일도 함수도 아닌 것이 주어졌다: {name}",
    "the source is text, not a {name}": "소스는 텍스트로 준다. 주어진 것: {name}",
    "the text is too long: {count} characters, at most {longest}": ""
    "텍스트가 너무 길다. {count}자이지만 {longest}자까지 읽는다",
    "the text holds null bytes; it is not Python source": "텍스트에 널 바이트가 들어 있다. Python 소스가 아니다",
    "{value:said}: it only defines {targets:items}; call one as the loss: {found} (loss=, shapes= in Python)": ""
    "{value}: 정의만 있다: {targets}. 하나를 손실로 부른다: {found} (Python에서는 loss=, shapes=)",
    "{value:said}: it only defines {targets:items}; call one as the loss, as --loss '{shown:said}'{options}; with sizes put in: {first:said}": ""
    "{value}: 정의만 있다: {targets}. 하나를 손실로 부른다: --loss '{shown}'{options}. 크기를 넣은 예: {first}",
    "{value:said}: it only defines {targets:items}; call one as the loss, as --loss '{shown:said}'{options}": ""
    "{value}: 정의만 있다: {targets}. 하나를 손실로 부른다: --loss '{shown}'{options}",
    "the notebook is too long: more than {longest} characters of code": ""
    "노트북이 너무 길다. 코드가 {longest}자를 넘는다",
    "the notebook computes a loss in {count} cells; choose one by cell= (--cell {found}): {names}": ""
    "노트북의 셀 {count}개에서 손실을 계산한다. cell= (--cell {found}) 옵션으로 하나를 고른다: {names}",
    "a model with parameters is needed, not a single function": "함수 하나가 아니라 매개변수가 있는 모델이 필요하다",
    "{name} has open names: give shapes= or values= for {names}": ""
    "{name}: 값이 정해지지 않은 이름이 있다. shapes= 또는 values= 옵션으로 준다: {names}",
    "{error:said}; a model's loss is an expression of its output: loss='F.mse_loss(output, y)'": ""
    "{error}. 모델의 손실은 그 출력 output의 식이다: loss='F.mse_loss(output, y)'",
    "the source of the class {name} cannot be found; put it into a file, or parse its text": ""
    "클래스 {name}: 소스를 찾을 수 없다. 파일에 쓰거나 그 텍스트를 parse에 준다",
    "{name} is not a plain class": "{name}: 평범한 클래스가 아니다",
    "{name} is computed by the code on {at:at}; a value or shape is for inputs only": ""
    "{name}: {at}에서 계산되는 값이다. 값이나 형상은 입력에만 줄 수 있다",
    "the source of {label} cannot be found; put it into a file, or parse its text": ""
    "{label}: 소스를 찾을 수 없다. 파일에 쓰거나 그 텍스트를 parse에 준다",
    "what {path:said}() gives is not known; give what is read from it: --set NAME=… for its value, or --shape NAME=… for its shape": ""
    "{path}(): 결과를 알 수 없다. 여기에서 읽는 것을 준다: 값은 --set 이름=…, 형상은 --shape 이름=…",
    "{path:said} reads what is not in the code; give what is read from it: --set NAME=… for its value, or --shape NAME=… for its shape": ""
    "{path}: 코드에 없는 것을 읽는다. 여기에서 읽는 것을 준다: 값은 --set 이름=…, 형상은 --shape 이름=…",
    "math.factorial({whole_numbers}) is too large": "math.factorial({whole_numbers}): 너무 크다",
    "math.{name}({n}, {k}) is too large": "math.{name}({n}, {k}): 너무 크다",
    "the product of these numbers is too large": "이 수들의 곱이 너무 크다",
    "a product of so many lists is too large": "이렇게 많은 리스트의 곱은 너무 크다",
    "{name} of so many items are too large": "이렇게 많은 항목의 {name}: 너무 크다",
    "lru_cache(typed=True) is not followed": "lru_cache(typed=True)는 따라가지 않는다",
    "operator.{name} of arrays is not read; write the operator": ""
    "배열에 쓴 operator.{name}: 읽지 않는다. 연산자를 쓴다",
    "operator.{name} of arrays is not read; write the comparison": ""
    "배열에 쓴 operator.{name}: 읽지 않는다. 비교 연산자를 쓴다",
    "operator.getitem and itemgetter are read for lists and dictionaries": ""
    "operator.getitem과 itemgetter는 리스트와 딕셔너리에 대해서만 읽는다",
    "attrgetter is read for objects of the text": "attrgetter는 코드의 객체에 대해서만 읽는다",
    "operator.contains is read for plain containers": "operator.contains는 평범한 컨테이너에 대해서만 읽는다",
    "a copy of {value} is not followed": "{value}의 복사는 따라가지 않는다",
    "copy.copy of {kind} shares its parameters with it, which is not followed": ""
    "copy.copy: {kind}의 사본이 매개변수를 함께 쓰며, 이는 따라가지 않는다",
    "copy.{how} of {kind}, which has its own {name}, is not followed here": ""
    "copy.{how}: {kind}에 자신의 {name} 메서드가 있으며, 여기에서는 이를 따라가지 않는다",
    "copy.deepcopy of an iterator is not followed here": "반복자의 copy.deepcopy는 여기에서 따라가지 않는다",
    "an assertion of the code fails here": "코드의 assert가 여기에서 실패한다",
    "{id} cannot be deleted": "{id}: 지울 수 없다",
    "raise without an exception stands outside an except": "except 밖에서 예외 없이 raise를 쓴다",
    "the code raises {exc} here": "코드에서 여기에 예외를 일으킨다: {exc}",
    "what is raised here cannot be read": "여기에서 일으키는 예외를 읽을 수 없다",
    "a context manager made of a generator cannot be read; write __enter__ and __exit__": ""
    "제너레이터로 만든 컨텍스트 관리자는 읽을 수 없다. __enter__와 __exit__ 메서드를 쓴다",
    "{path} around a class cannot be read": "클래스를 감싼 {path}: 읽을 수 없다",
    "an exception leaves a with statement of the code's own, which cannot be read": ""
    "코드에서 정의한 with 문에서 예외가 나오며, 이는 읽을 수 없다",
    "{path} is not followed; write out what it does": "{path}: 따라가지 않는다. 하는 일을 풀어 쓴다",
    "{path} is not executed": "{path}: 실행하지 않는다",
    "what this with statement opens cannot be read": "이 with 문에서 여는 것을 읽을 수 없다",
    "an if on a whole array is ambiguous; use np.where": ""
    "배열 전체를 조건으로 쓴 if는 뜻이 분명하지 않다. np.where를 쓴다",
    "more than 8 conditions inside each other": "조건이 8단계를 넘게 겹쳐 있다",
    "whether this if raises an exception decides what a list or an object holds": ""
    "이 if에서 예외가 일어나는지에 따라 리스트나 객체에 담기는 것이 달라진다",
    "this if decides by a value of the network; only both ways returning can be read": ""
    "이 if는 신경망의 값에 따라 나뉜다. 두 쪽이 모두 값을 반환할 때만 읽을 수 있다",
    "this if decides by a value of the network what a list or an object holds, which cannot be read": ""
    "이 if에서 신경망의 값에 따라 리스트나 객체에 담기는 것이 달라지며, 이는 읽을 수 없다",
    "match is read for plain values": "match는 평범한 값에 대해서만 읽는다",
    "this pattern of a match cannot be read": "match의 이 패턴은 읽을 수 없다",
    "how an object such as this ({value}) is written out cannot be known here": ""
    "이런 객체({value})를 어떻게 써내는지 여기에서는 알 수 없다",
    "how a {value} is written out cannot be known here": "{value} 값을 어떻게 써내는지 여기에서는 알 수 없다",
    "this format is too long": "이 형식은 너무 길다",
    "an array or an object with a format is not written out here": ""
    "형식을 정하여 쓴 배열이나 객체는 여기에서 써내지 않는다",
    "a width or precision * in a format is not followed; write it in the format": ""
    "형식의 폭이나 정밀도에 쓴 *는 따라가지 않는다. 형식 안에 수를 쓴다",
    "the field {field} of a format is not followed; give the value itself": ""
    "형식의 필드 {field}: 따라가지 않는다. 값 자체를 준다",
    "the method {name} of a string is not followed: {refused:said}": ""
    "문자열의 메서드 {name}: 따라가지 않는다. {refused}",
    "an argument of the method {name} has to be known from the code": ""
    "메서드 {name}의 인수는 코드에서 알 수 있어야 한다",
    "join needs texts that are known from the code": "join에는 코드에서 알 수 있는 문자열이 필요하다",
    "format_map is read for a dictionary": "format_map은 딕셔너리에 대해서만 읽는다",
    "translate is read for a table made by str.maketrans": "translate는 str.maketrans로 만든 표에 대해서만 읽는다",
    "{o} channels cannot be split into {o2} groups": "채널 {o}개를 묶음 {o2}개에 나눌 수 없다",
    "normalized_shape {shape} is not the end of the shape {shape2}": ""
    "normalized_shape {shape}: 형상 {shape2}의 끝부분이 아니다",
    "an array of shape {shape} has not the axes (batch, channel, …)": ""
    "형상이 {shape}인 배열의 축은 (배치, 채널, …)이 아니다",
    "num_features is {attributes}, the array has the shape {shape}": ""
    "num_features의 값은 {attributes}이지만 배열의 형상은 {shape}이다",
    "{what:said} zeroes entries at random in training, which has no formula; call model.eval() before, or use {option}=0": ""
    "{what}: 학습할 때 원소를 무작위로 0으로 만들므로 식이 없다. 앞에서 model.eval()을 부르거나 {option}=0을 쓴다",
    "num_layers is from 1 to {deepest}, got {o}": "num_layers의 값은 1부터 {deepest}까지이다. 주어진 것: {o}",
    "the initial state of {what:said} has shape {shape}, its first axis has to be {count}": ""
    "{what}의 초기 상태의 형상은 {shape}이다. 맞는 첫 축의 크기는 {count}이다",
    "nn.LSTM takes its initial states as a pair (h_0, c_0)": "nn.LSTM의 초기 상태는 (h_0, c_0)의 쌍으로 준다",
    "nn.MultiheadAttention with add_bias_kv or add_zero_attn cannot be read": ""
    "nn.MultiheadAttention: add_bias_kv나 add_zero_attn 옵션이 있으면 읽을 수 없다",
    "nn.MultiheadAttention needs attn_mask where is_causal=True": ""
    "nn.MultiheadAttention: is_causal=True이면 attn_mask가 필요하다",
    "nn.MultiheadAttention is called with query, key and value": "nn.MultiheadAttention에는 query, key, value를 준다",
    "attn_mask is read with two axes (length, keys)": "attn_mask는 축이 (길이, 키) 두 개인 것만 읽는다",
    "nn.init.{name} needs its tensor": "nn.init.{name}: 텐서가 필요하다",
    "the random function {path:said} is not known{hint:hint}": "알려지지 않은 난수 함수: {path}{hint}",
    "the method {name} of a torch.Generator cannot be read": "torch.Generator의 메서드 {name}: 읽을 수 없다",
    "the seed on {at:at} is not known": "{at}의 시드를 알 수 없다",
    "PyTorch is not installed here (pip install torch), so its numbers are not known": ""
    "PyTorch가 설치되어 있지 않아서 (pip install torch) 그 난수를 알 수 없다",
    "{path:said} is read for types of real numbers": "{path}: 실수 자료형에 대해서만 읽는다",
    "nn.init.calculate_gain does not know {name}": "nn.init.calculate_gain에 알려지지 않은 것: {name}",
    "torch.{name} with out= cannot be read": "torch.{name}: out= 옵션이 있으면 읽을 수 없다",
    "{what:said}: generator= has to be a torch.Generator": "{what}: generator=에는 torch.Generator를 준다",
    "torch.{name} needs {needed}": "torch.{name}: {needed}의 값이 필요하다",
    "torch.randperm needs a whole number known from the code": "torch.randperm에는 코드에서 알 수 있는 정수가 필요하다",
    "nn.init.{label} is not known{hint:hint}": "알려지지 않은 초기화 함수: nn.init.{label}{hint}",
    "{what:said} is for matrices": "{what}: 행렬에 쓰는 것이다",
    "{what:said} is for weights of convolutions": "{what}: 합성곱의 가중치에 쓰는 것이다",
    "backward() is called on {spelled} of shape {shape}; without a gradient as its argument it is for a single number only": ""
    "{spelled}: 형상이 {shape}인 배열에 backward()를 부른다. 인수로 기울기를 주지 않으면 수 하나에만 쓸 수 있다",
    "what is not followed may have taken items of this iterator": ""
    "따라갈 수 없는 부분에서 이 반복자의 항목을 꺼냈을 수 있다",
    "the class {name} cannot be derived from its bases: {error:said}": ""
    "클래스 {name}: 기반 클래스에서 만들 수 없다. {error}",
    "{node} cannot be written for all rows at once": "{node}: 모든 행에 대하여 한꺼번에 쓸 수 없다",
    "the expression does not depend on the row": "이 식은 행에 의존하지 않는다",
    "{name} is given a value of shape {value} and the shape {shape}": ""
    "{name}: 형상이 {value}인 값과 형상 {shape}의 지정을 함께 준다",
    "a row of an array is detached; that is read for all rows at once": ""
    "배열의 한 행을 떼어 낸다(detach). 이는 모든 행에 대하여 한꺼번에 쓸 때만 읽는다",
    "the arrays that this statement changes piece by piece are too large to be written out": ""
    "이 문장에서 조금씩 바꾸는 배열은 풀어 쓰기에 너무 크다",
    "the formula on this line has more than {largest_form} parts when written out": ""
    "이 줄의 식은 풀어 쓰면 부분이 {largest_form}개를 넘는다",
    "the formula on this line is nested too deeply (more than {deepest_form} levels)": ""
    "이 줄의 식이 너무 깊이 겹쳐 있다 ({deepest_form}단계를 넘는다)",
    "{of}.grad is a gradient and not part of the forward pass": "{of}.grad: 기울기이므로 순전파에 쓰지 않는다",
    "{value:said} stands where an array or a number is needed": "배열이나 수가 필요한 곳에 쓴 것: {value}",
    "{form} cannot be computed: {error:said}": "{form}: 계산할 수 없다. {error}",
    "{what:said} has to be a whole number known from the code": "{what}: 코드에서 알 수 있는 정수이어야 한다",
    "where iter(function, last) ends depends on values of the network": ""
    "iter(함수, 마지막 값)이 어디에서 끝나는지가 신경망의 값에 의존한다",
    "next needs an iterator: iter(...)": "next에는 반복자가 필요하다: iter(...)",
    "reversed is not followed for objects of the text; write a loop over range": ""
    "코드의 객체에 쓴 reversed는 따라가지 않는다. range에 대한 반복문을 쓴다",
    "Python raises {name} here": "Python에서 여기에 {name} 예외가 일어난다",
    "this call cannot be read: {error:said}": "이 호출은 읽을 수 없다. {error}",
    "{written:said} with UPLO={uplo} cannot be read: the signs of eigenvectors depend on it": ""
    "{written}: UPLO={uplo}이면 읽을 수 없다. 고유벡터의 부호가 여기에 달려 있다",
    "{written:said} with {name}={value} cannot be read: whole numbers and truth values have no derivative": ""
    "{written}: {name}={value}이면 읽을 수 없다. 정수와 참, 거짓에는 도함수가 없다",
    "cell {strip}: write a number, or several as 1,3-5": "셀 {strip}: 번호 하나를, 또는 1,3-5처럼 여럿을 쓴다",
    "{at:at}: backward() on {spelled} of shape {shape} cannot take a gradient of shape {shape2}": ""
    "{at}: {spelled}의 형상은 {shape}이다. backward()에 형상이 {shape2}인 기울기를 줄 수 없다",
    "backward() on {spelled} of shape {shape} cannot take a gradient of shape {shape2}": ""
    "{spelled}의 형상은 {shape}이다. backward()에 형상이 {shape2}인 기울기를 줄 수 없다",
    "complex numbers cannot be part of a forward pass": "복소수는 순전파에 쓸 수 없다",
    "what hash() gives changes from run to run in Python": "Python에서 hash()의 결과는 실행할 때마다 다르다",
    "what id() gives is an address, which changes from run to run": "id()의 결과는 주소이므로 실행할 때마다 다르다",
    "what is typed in is not known": "입력하는 것을 알 수 없다",
    "files are not opened": "파일은 열지 않는다",
    "name the attributes": "속성의 이름을 쓴다",
    "name the variables": "변수의 이름을 쓴다",
    "code in a text is never run": "문자열 안의 코드는 실행하지 않는다",
    "write the expression itself": "식을 직접 쓴다",
    "write the statements themselves": "문장을 직접 쓴다",
    "write del": "del을 쓴다",
    "modules are imported by an import statement": "모듈은 import 문으로 가져온다",
    "so {names:items} is not known: give values= ({options})": ""
    "그래서 알 수 없는 것: {names}. values= 옵션으로 값을 준다 ({options})",
    "so {names:items} are not known: give values= ({options})": ""
    "그래서 알 수 없는 것들: {names}. values= 옵션으로 값을 준다 ({options})",
    "give the shape of what it makes by shapes= ({names})": ""
    "여기에서 만드는 것의 형상을 shapes= 옵션으로 준다 ({names})",
    "the loss {base} does not depend on {name}; {fixed:said}": ""
    "손실 {base}의 값은 다음 변수에 의존하지 않는다: {name}. {fixed}",
    "no loss found: none of the names {names} is computed and no single result depends on every parameter; say which it is by loss= (--loss), a name or an expression (results: {listed}; the hand-written gradient starts with {backward} on {at:at})": ""
    "손실을 찾지 못했다. 다음 이름 가운데 계산되는 것이 없고, 모든 매개변수에 의존하는 결과가 하나로 정해지지 않는다: {names}. loss= (--loss) 옵션에 이름이나 식을 준다 (결과: {listed}, 손으로 쓴 기울기는 {at}의 {backward}에서 시작한다)",
    "{shown:said} takes at most {count} argument(s) by place, {count2} given": ""
    "{shown}: 순서대로 주는 인수는 {count}개까지이지만 {count2}개가 주어졌다",
    "{shown:said} cannot take this as {name}": "{shown}: 이 값을 다음 매개변수에 줄 수 없다: {name}",
    "it is called as {names:items}": "다음과 같이 부른다: {names}",
    "{kind:word} at time {t:word}: {error:said}": "시간 {t}의 {kind}: {error}",
    "{what:said} takes {base} as a plain number": "{base}: 다음에서 평범한 수로 쓰인다: {what}",
    "np.random.{name:word}: {text:said}": "np.random.{name} 호출: {text}",
    "{name:word} of a random generator: {text:said}": "난수 생성기의 {name} 호출: {text}",
    "torch.{name:word}: {text:said}": "torch.{name} 호출: {text}",
}

PHRASES = {
    "the function {name}": "함수 {name}",
    "the method {name}": "메서드 {name}",
    "an object of {value:said}": "{value}의 객체",
    "the class {name}": "클래스 {name}",
    "a {name:word}": "{name} 객체",
    "(a number of {bit_length} bits)": "({bit_length}비트의 수)",
    "this object": "이 객체",
    "an end of range": "range의 끝",
    "the argument of round": "round의 인수",
    "the number of digits": "소수점 아래 자릿수",
    "an argument of divmod": "divmod의 인수",
    "the argument of str": "str의 인수",
    "the argument of repr": "repr의 인수",
    "the argument of format": "format의 인수",
    "the argument": "인수",
    "a place in a list": "리스트에서의 위치",
    "a number of steps": "단계의 수",
    "the base": "진법의 밑",
    "the argument of {name}": "{name}의 인수",
    "an end of a slice": "슬라이스의 끝",
    "an index": "첨자",
    "the exponent of matrix_power": "matrix_power의 지수",
    "the offset of a diagonal": "대각선의 위치(offset)",
    "an axis": "축",
    "{name:said} of a random generator": "난수 생성기의 {name}",
    "the size of a window": "창의 크기",
    "the step of windows": "창의 보폭",
    "flatten from axis {first} to axis {last}": "{first}번부터 {last}번까지 축의 flatten",
    "a part of a split": "나누는 부분의 크기",
    "a number of chunks": "조각의 수",
    "the number of classes": "클래스의 수",
    "an argument of math.{name}": "math.{name}의 인수",
    "an end of islice": "islice의 끝",
    "a part of a path": "파일 이름의 일부",
    "the class {name} ({at:at}) with {method}": "클래스 {name} ({at})의 {method}",
    "the class {name} ({at:at})": "클래스 {name} ({at})",
    "the function {name} ({at:at})": "함수 {name} ({at})",
    "there is no forward pass in this code": "이 코드에는 순전파가 없다",
    "{name:word} of {written:said}": "{written}의 {name}",
    "what is drawn at random": "무작위로 뽑는 것",
    "an entry of each row set to 1 among zeros": "각 행에서 0 가운데 1로 정한 원소",
}
"""What stands in places of messages."""
